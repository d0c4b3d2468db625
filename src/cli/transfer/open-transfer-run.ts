import type { DisplayMode } from "../../progress/display-mode.ts";
import { createTransferDisplay } from "../../progress/transfer/create-transfer-display.ts";
import type {
  TransferAction,
  UntimedTransferEvent,
} from "../../progress/transfer/transfer-event.ts";
import type { App } from "../app.ts";
import { onTerminalRestore } from "../terminal-restore.ts";
import { version } from "../version.ts";

/** A transfer of images that is shown on stderr. Disposing gives the terminal back. */
export type TransferRun = Disposable & {
  readonly emit: (event: UntimedTransferEvent) => void;
  /** Says that it is over. */
  end(ok: boolean): void;
};

/**
 * Begins to show a transfer. `mode` is what `requestedMode()` says.
 * @throws HiveError when "tty" was asked for and stderr is no terminal.
 */
export function openTransferRun(app: App, mode: DisplayMode, action: TransferAction): TransferRun {
  const { env } = app;
  const display = createTransferDisplay(mode, {
    output: app.stderr,
    env,
    look: app.stderr.look,
  });
  onTerminalRestore(() => display.restore());
  const started = Date.now();
  const emit = (event: UntimedTransferEvent): void =>
    display.onEvent({ time: Date.now(), ...event });
  emit({ type: "transfer.start", version, action });
  return {
    emit,
    end(ok) {
      emit({ type: "transfer.end", ok, duration: Date.now() - started });
      onTerminalRestore(undefined);
    },
    [Symbol.dispose]: () => display[Symbol.dispose](),
  };
}
