import { setTimeout as delay } from "node:timers/promises";
import type { Listener } from "../registry/listen.ts";
import type { PushActivity } from "./push-activity.ts";

// How often it looks whether everything has ended, in milliseconds.
const interval = 50;

/**
 * Stops a server when pushes and other requests under way have ended, at the latest after `grace` milliseconds.
 * Until then it takes new connections: the rest of a push may come on them.
 */
export async function stopGently(
  listener: Listener,
  activity: PushActivity,
  grace: number,
): Promise<void> {
  const end = performance.now() + grace;
  while (performance.now() < end && (listener.pending() > 0 || activity.count() > 0)) {
    await delay(interval);
  }
  await listener.stop(0);
}
