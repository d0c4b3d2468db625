import type { UntimedTransferEvent } from "../../progress/transfer/transfer-event.ts";
import type { ImageTransfer, TransferResult } from "./image-transfer.ts";

export type TransferOptions = {
  /** How many blobs move at a time, over all images. */
  readonly parallel: number;
  /** Looks at everything and writes nothing: the results say what would be done. */
  readonly dryRun: boolean;
  readonly emit: (event: UntimedTransferEvent) => void;
  readonly signal: AbortSignal;
};

/**
 * Brings images to where they should be: what is there costs a question, what another repository there has is mounted, all
 * else is streamed through, a blob that several images have once. Manifests come after what they list, tags last.
 * One that fails keeps no other from going on.
 * @returns the results in the order of `transfers`; an error in place of one that failed
 */
export async function transferImages(
  _transfers: readonly ImageTransfer[],
  _options: TransferOptions,
): Promise<(TransferResult | Error)[]> {
  return await Promise.reject(new Error("not there yet"));
}
