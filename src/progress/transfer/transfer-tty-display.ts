import { createLiveView } from "../live-view.ts";
import type { Clock, Output } from "../renderer.ts";
import type { Look } from "../terminal.ts";
import { renderTransferEnd } from "./render-transfer-notices.ts";
import { renderTransferFrame } from "./transfer-frame.ts";
import { createTransferNotices } from "./transfer-notices.ts";
import type { TransferRenderer } from "./transfer-renderer.ts";
import { createTransferState } from "./transfer-state.ts";

/** The live view of all images under way; failures and warnings scroll away above it. */
export function createTransferTtyDisplay(
  output: Output,
  { look, clock }: { readonly look: Look; readonly clock: Clock },
): TransferRenderer {
  const noticesOf = createTransferNotices(look);
  let state = createTransferState();
  const view = createLiveView(output, {
    clock,
    render: (size) => renderTransferFrame(state, size, look),
  });
  return {
    onEvent(event, current) {
      state = current;
      if (event.type === "transfer.end") view.close(renderTransferEnd(current, look));
      else view.update(noticesOf(event, current));
    },
    close: () => view.close(),
  };
}
