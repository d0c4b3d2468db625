import type { DisplayMode } from "../progress/display-mode.ts";
import type { TransferAction, UntimedTransferEvent } from "../progress/transfer/transfer-event.ts";
import type { App } from "./app.ts";

/** A transfer of images that is shown on stderr. */
export type TransferRun = Disposable & {
  readonly emit: (event: UntimedTransferEvent) => void;
  /** Says that it is over. */
  end(ok: boolean): void;
};

/** Begins to show a transfer: what fails, and what is odd. */
export function openTransferRun(app: App, mode: DisplayMode, _action: TransferAction): TransferRun {
  const names = new Map<string, string>();
  return {
    emit(event) {
      if (mode === "none") return;
      if (event.type === "image.start") names.set(event.id, event.to);
      if (event.type === "warning") app.log.warn(event.message);
      if (event.type === "image.failed") {
        app.log.error(`${names.get(event.id) ?? "an image"} failed: ${event.message}`);
      }
    },
    end: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}
