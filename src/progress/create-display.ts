import { resolveMode, type DisplayMode } from "./display-mode.ts";
import type { BuildEvent } from "./event.ts";
import { createPlainDisplay } from "./plain-display.ts";
import { createQuietDisplay } from "./quiet-display.ts";
import { createRawJsonDisplay } from "./rawjson-display.ts";
import type { Display, DisplayOptions, Renderer } from "./renderer.ts";
import { applyEvent, createRunState, type RunState } from "./run-state.ts";
import { systemClock } from "./system-clock.ts";
import { detectCi, lookFor } from "./terminal.ts";
import { createTtyDisplay } from "./tty-display.ts";

type RunDisplayOptions = DisplayOptions & {
  /** Lines of output below the row that runs longest, in the live view. */
  readonly logLines?: number | undefined;
};

/**
 * The display of one run; `summarize()` reads its state after it. Ends by itself at `run.end`; dispose it in any case.
 * @throws HiveError when "tty" was asked for and the output is no terminal.
 */
export function createDisplay(
  mode: DisplayMode,
  options: RunDisplayOptions,
): Display<BuildEvent, RunState> {
  const renderer = createRenderer(mode, options);
  const state = createRunState();
  return {
    state,
    onEvent: (event) => renderer.onEvent(event, state, applyEvent(state, event)),
    restore: () => renderer.close(),
    [Symbol.dispose]: () => renderer.close(),
  };
}

function createRenderer(mode: DisplayMode, options: RunDisplayOptions): Renderer {
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
