import type { BuildEvent } from "./event.ts";
import type { RunState } from "./run-state.ts";

/** Where a display writes, standard error in most cases. The size is asked for anew at every frame. */
export type Output = {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
};

/** The time and a timer; tests bring their own. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` once after `delay` milliseconds, unless the function that it returns is called before. */
  schedule(task: () => void, delay: number): () => void;
};

/** Shows a run that is going on. */
export type Renderer = {
  /** Called after `event` went into `state`; `lines` are the lines of build output that it completed. */
  onEvent(event: BuildEvent, state: RunState, lines: readonly string[]): void;
  /** Stops timers and gives the terminal back as it was. May be called more than once, and from a signal handler. */
  close(): void;
};
