import { errorMessage } from "../../base/error-message.ts";
import { HiveError } from "../../base/hive-error.ts";
import { mapLimited } from "../../base/map-limited.ts";
import type { UntimedTransferEvent } from "../../progress/transfer/transfer-event.ts";
import { bringImage } from "./bring-image.ts";
import type { ImageTransfer, TransferResult } from "./image-transfer.ts";
import { transferNames } from "./transfer-names.ts";
import { createTransferRun, type ImageRun, type TransferRun } from "./transfer-run.ts";

export type TransferOptions = {
  /** How many blobs move at a time, over all images. */
  readonly parallel: number;
  /** Looks at everything and writes nothing: the results say what would be done. */
  readonly dryRun: boolean;
  readonly emit: (event: UntimedTransferEvent) => void;
  readonly signal: AbortSignal;
};

/** Images that are under way at a time: their manifests are in memory, and the biggest of their blobs go first. */
const imagesAtATime = 16;

/**
 * Brings images to where they should be: what is there costs a question, what another repository there has is mounted, all
 * else is streamed through, a blob that several images have once. Manifests come after what they list, tags last.
 * One that fails keeps no other from going on.
 * @returns the results in the order of `transfers`; an error in place of one that failed
 * @throws the signal's reason, once nothing is under way any more
 */
export async function transferImages(
  transfers: readonly ImageTransfer[],
  options: TransferOptions,
): Promise<(TransferResult | Error)[]> {
  const run = createTransferRun(options);
  options.emit({ type: "transfer.plan", images: transfers.length });
  const results = await mapLimited(transfers, imagesAtATime, (transfer) =>
    transferImage(run, transfer),
  );
  options.signal.throwIfAborted();
  return results;
}

async function transferImage(
  run: TransferRun,
  transfer: ImageTransfer,
): Promise<TransferResult | Error> {
  const { emit, signal } = run.options;
  if (signal.aborted) return new Error("It was not begun");
  const id = crypto.randomUUID();
  const bytes = { sent: 0, mounted: 0, there: 0 };
  const image: ImageRun = { run, transfer, id, bytes, manifests: 0 };
  const { from, to } = transferNames(transfer);
  emit({ type: "image.start", id, from, to });
  try {
    const result = await bringImage(image);
    const { digest, changed } = result;
    emit({ type: "image.done", id, digest, changed, bytes: bytes.sent });
    return result;
  } catch (error) {
    const failure = explained(error, transfer);
    // Which image it is stands there already.
    const message = `${errorMessage(error)}\n${failure.hint ?? ""}`.trim();
    if (!signal.aborted) emit({ type: "image.failed", id, message });
    return failure;
  }
}

/** The message of an error says which image, and where to. */
function explained(error: unknown, transfer: ImageTransfer): HiveError {
  const { from, to } = transferNames(transfer);
  const known = error instanceof HiveError ? error : undefined;
  return new HiveError(
    known?.kind ?? "internal",
    `Cannot copy ${from} to ${to}: ${errorMessage(error)}`,
    { cause: error, hint: known?.hint ?? "Run it again: what is there already is not sent again." },
  );
}
