import type { TransferEvent } from "./transfer-event.ts";
import type { TransferState } from "./transfer-state.ts";

/** Shows a transfer that is going on. */
export type TransferRenderer = {
  /** Called after `event` went into `state`. */
  onEvent(event: TransferEvent, state: TransferState): void;
  /** Stops timers and gives the terminal back as it was. May be called more than once, and from a signal handler. */
  close(): void;
};
