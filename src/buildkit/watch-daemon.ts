import { createDeadline } from "../base/deadline.ts";
import type { Connection } from "./connection.ts";
import { type Liveness, usualQuiet, watchLiveness } from "./liveness.ts";

/** Milliseconds for an answer. */
const probeTimeout = 5_000;

/**
 * Watches a daemon for as long as something of unknown length goes on at its connection.
 * @param quiet milliseconds without a sign of life from it before it is asked whether it lives
 */
export function watchDaemon(
  { control, lastSign }: Pick<Connection, "control" | "lastSign">,
  quiet: number = usualQuiet,
): Liveness {
  async function probe(): Promise<void> {
    using deadline = createDeadline({ timeout: probeTimeout });
    await control.listWorkers({}, { signal: deadline.signal });
  }
  return watchLiveness({ quiet, lastSign, probe });
}
