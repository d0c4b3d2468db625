import type { Environment } from "../base/environment.ts";
import type { BuildEvent } from "./event.ts";
import type { RunState } from "./run-state.ts";
import type { Look } from "./terminal.ts";

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

/** A subscriber of events that shows them. */
export type Display<Event, State> = Disposable & {
  readonly onEvent: (event: Event) => void;
  /** What the events said so far. */
  readonly state: State;
  /** Gives the terminal back as it was and stops timers; for signal handlers too. The same as disposing. */
  restore(): void;
};

export type DisplayOptions = {
  /** Standard error, as a rule. Its `write` is called from timers too and must not throw: a broken pipe is its matter. */
  readonly output: Output;
  readonly env: Environment;
  /** Colours and signs, if they are decided already; else as `env` and the output suggest. */
  readonly look?: Look | undefined;
  readonly clock?: Clock | undefined;
};

/** Shows a run that is going on. */
export type Renderer = {
  /** Called after `event` went into `state`; `lines` are the lines of build output that it completed. */
  onEvent(event: BuildEvent, state: RunState, lines: readonly string[]): void;
  /** Stops timers and gives the terminal back as it was. May be called more than once, and from a signal handler. */
  close(): void;
};
