import { fitText } from "../../base/text-width.ts";
import type { FrameSize } from "../live-view.ts";
import type { Look } from "../terminal.ts";
import { layoutRows } from "../tty-layout.ts";
import { renderTransferHeader } from "./transfer-header.ts";
import { renderBlobRow, renderImageRow, shapeTransferRows } from "./transfer-row.ts";
import type { ImageState, ImageStatus, TransferState } from "./transfer-state.ts";

// Of what is finished the last is the news, and the count is in the header.
const shownFinished = 3;
// With more images under way the rows of their blobs would be a flicker.
const fewImages = 3;

/** The live view at one moment: the header, what is finished, what failed, what moves. */
export function renderTransferFrame(state: TransferState, size: FrameSize, look: Look): string[] {
  const { now, columns, rows } = size;
  const images = [...state.images.values()];
  const group = (...kinds: readonly ImageStatus["kind"][]): ImageState[] =>
    images.filter(({ status }) => kinds.includes(status.kind));
  const finished = group("done", "unchanged");
  const failed = group("failed");
  const running = group("running");
  const blobs =
    running.length <= fewImages ? [...state.blobs.values()].filter(({ moving }) => moving) : [];
  const layout = layoutRows(
    {
      failed: failed.length,
      running: running.length,
      logs: blobs.length,
      waiting: 0,
      finished: finished.length,
    },
    rows - 1,
  );
  const context = { now, look, shape: shapeTransferRows(images, columns) };
  const draw = (image: ImageState): string => renderImageRow(image, context);
  const more = (hidden: number, what: string): string[] => {
    const text = `   ${look.paint.dim(`${look.glyphs.ellipsis} ${hidden} ${what}`)}`;
    return hidden > 0 ? [fitText(text, columns, { ellipsis: look.glyphs.ellipsis })] : [];
  };
  const shownBlobs = blobs.slice(0, layout.logs);
  const blobsOf = (image: ImageState): string[] =>
    shownBlobs.filter((blob) => blob.image === image).map((blob) => renderBlobRow(blob, context));
  const lastFinished = Math.min(layout.finished.shown, shownFinished);

  return [
    renderTransferHeader(state, size, look),
    ...(layout.finished.shown > 0 || layout.finished.counted
      ? more(finished.length - lastFinished, "more finished")
      : []),
    ...finished.slice(finished.length - lastFinished).map(draw),
    ...failed.slice(0, layout.failed.shown).map(draw),
    ...(layout.failed.counted ? more(layout.failed.hidden, "more failed") : []),
    ...running.slice(0, layout.running.shown).flatMap((image) => [draw(image), ...blobsOf(image)]),
    ...(layout.running.counted ? more(layout.running.hidden, "more under way") : []),
  ];
}
