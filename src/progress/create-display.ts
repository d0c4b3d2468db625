import type { Environment } from "../base/environment.ts";
import { resolveMode, type DisplayMode } from "./display-mode.ts";
import type { EventSink } from "./event.ts";
import { createPlainDisplay } from "./plain-display.ts";
import { createQuietDisplay } from "./quiet-display.ts";
import { createRawJsonDisplay } from "./rawjson-display.ts";
import type { Clock, Output, Renderer } from "./renderer.ts";
import { applyEvent, createRunState, type RunState } from "./run-state.ts";
import { systemClock } from "./system-clock.ts";
import { detectCi, lookFor, type Look } from "./terminal.ts";
import { createTtyDisplay } from "./tty-display.ts";

/** A subscriber of a run's events that shows them. */
export type Display = Disposable & {
  readonly onEvent: EventSink;
  /** What the events said so far: `summarize()` reads it after the run. */
  readonly state: RunState;
  /** Gives the terminal back as it was and stops timers; for signal handlers too. The same as disposing. */
  restore(): void;
};

type DisplayOptions = {
  /** Standard error, as a rule. Its `write` is called from timers too and must not throw: a broken pipe is its matter. */
  readonly output: Output;
  readonly env: Environment;
  /** Colours and signs, if they are decided already; else as `env` and the output suggest. */
  readonly look?: Look | undefined;
  /** Lines of output below the row that runs longest, in the live view. */
  readonly logLines?: number | undefined;
  readonly clock?: Clock | undefined;
};

/**
 * The display of one run. Ends by itself at `run.end`; dispose it in any case.
 * @throws HiveError when "tty" was asked for and the output is no terminal.
 */
export function createDisplay(mode: DisplayMode, options: DisplayOptions): Display {
  const renderer = createRenderer(mode, options);
  const state = createRunState();
  return {
    state,
    onEvent: (event) => renderer.onEvent(event, state, applyEvent(state, event)),
    restore: () => renderer.close(),
    [Symbol.dispose]: () => renderer.close(),
  };
}

function createRenderer(mode: DisplayMode, options: DisplayOptions): Renderer {
  const { output, env, logLines, clock = systemClock } = options;
  const { look = lookFor(env, output.isTTY) } = options;
  switch (resolveMode(mode, output, env)) {
    case "tty":
      return createTtyDisplay(output, { look, clock, logLines });
    case "plain":
      return createPlainDisplay(output, { look, clock, ci: detectCi(env) });
    case "rawjson":
      return createRawJsonDisplay(output);
    case "quiet":
      return createQuietDisplay(output, look);
    case "none":
      return { onEvent() {}, close() {} };
  }
}
