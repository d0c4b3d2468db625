import { resolveMode, type DisplayMode } from "../display-mode.ts";
import type { Display, DisplayOptions } from "../renderer.ts";
import { systemClock } from "../system-clock.ts";
import { lookFor } from "../terminal.ts";
import type { TransferEvent } from "./transfer-event.ts";
import { createTransferPlainDisplay } from "./transfer-plain-display.ts";
import { createTransferQuietDisplay } from "./transfer-quiet-display.ts";
import { createTransferRawJsonDisplay } from "./transfer-rawjson-display.ts";
import type { TransferRenderer } from "./transfer-renderer.ts";
import { applyTransferEvent, createTransferState, type TransferState } from "./transfer-state.ts";
import { createTransferTtyDisplay } from "./transfer-tty-display.ts";

/**
 * The display of one transfer. Ends by itself at `transfer.end`; dispose it in any case.
 * @throws HiveError when "tty" was asked for and the output is no terminal.
 */
export function createTransferDisplay(
  mode: DisplayMode,
  options: DisplayOptions,
): Display<TransferEvent, TransferState> {
  const renderer = createRenderer(mode, options);
  const state = createTransferState();
  return {
    state,
    onEvent(event) {
      applyTransferEvent(state, event);
      renderer.onEvent(event, state);
    },
    restore: () => renderer.close(),
    [Symbol.dispose]: () => renderer.close(),
  };
}

function createRenderer(mode: DisplayMode, options: DisplayOptions): TransferRenderer {
  const { output, env, clock = systemClock } = options;
  const { look = lookFor(env, output.isTTY) } = options;
  switch (resolveMode(mode, output, env)) {
    case "tty":
      return createTransferTtyDisplay(output, { look, clock });
    case "plain":
      return createTransferPlainDisplay(output, { look, clock });
    case "rawjson":
      return createTransferRawJsonDisplay(output);
    case "quiet":
      return createTransferQuietDisplay(output, look);
    case "none":
      return { onEvent() {}, close() {} };
  }
}
