import type { Digest } from "../../oci/digest.ts";
import { createRawJsonDisplay } from "../rawjson-display.ts";
import type { Output } from "../renderer.ts";
import type { TransferRenderer } from "./transfer-renderer.ts";

// Of each blob; a fast network would give thousands of lines a second.
const progressPeriod = 100;

/** NDJSON as a build's, but for progress that comes faster than anybody reads. */
export function createTransferRawJsonDisplay(output: Output): TransferRenderer {
  const display = createRawJsonDisplay(output);
  const told = new Map<Digest, number>();
  return {
    onEvent(event) {
      if (event.type === "blob.done") told.delete(event.digest);
      if (event.type === "blob.progress") {
        if (event.time - (told.get(event.digest) ?? 0) < progressPeriod) return;
        told.set(event.digest, event.time);
      }
      display.onEvent(event);
    },
    close: () => display.close(),
  };
}
