import type { Output } from "../renderer.ts";
import type { Look } from "../terminal.ts";
import { renderTransferFailure } from "./render-transfer-notices.ts";
import type { TransferRenderer } from "./transfer-renderer.ts";

/** Says nothing but failures. */
export function createTransferQuietDisplay(output: Output, look: Look): TransferRenderer {
  return {
    onEvent(event, state) {
      if (event.type !== "image.failed") return;
      const image = state.images.get(event.id);
      if (image === undefined) return;
      output.write(`${renderTransferFailure(image, look).join("\n")}\n`);
    },
    close() {},
  };
}
