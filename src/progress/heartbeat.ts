import type { Clock } from "./renderer.ts";

/** A sign of life in a log that would else be silent. */
export type Heartbeat = {
  /** Something was written: silence begins now. */
  restart(): void;
  stop(): void;
  /** Whether it was started and not stopped. */
  readonly running: boolean;
};

// A log without a sign of life for this long looks dead, and some CI systems kill such a job.
const silence = 30_000;

/** @param beat Writes something, and restarts the heartbeat thereby. */
export function createHeartbeat(clock: Clock, beat: () => void): Heartbeat {
  let cancel: (() => void) | undefined;
  return {
    restart() {
      cancel?.();
      cancel = clock.schedule(beat, silence);
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
    get running() {
      return cancel !== undefined;
    },
  };
}
