import type { Clock } from "./renderer.ts";

/** The time and the timers of this process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(task, delay) {
    const timer = setTimeout(task, delay);
    // A display must not keep a finished program alive.
    timer.unref();
    return () => clearTimeout(timer);
  },
};
