import type { Look } from "../terminal.ts";
import { renderTransferFailure, renderTransferWarning } from "./render-transfer-notices.ts";
import type { TransferEvent } from "./transfer-event.ts";
import type { TransferState } from "./transfer-state.ts";

/** Makes of events what people are to read: failures, and each different warning once. */
export function createTransferNotices(
  look: Look,
): (event: TransferEvent, state: TransferState) => string[] {
  const warned = new Set<string>();
  return (event, state) => {
    if (event.type === "warning" && !warned.has(event.message)) {
      warned.add(event.message);
      return renderTransferWarning(event.message, look);
    }
    if (event.type !== "image.failed") return [];
    const image = state.images.get(event.id);
    return image === undefined ? [] : renderTransferFailure(image, look);
  };
}
