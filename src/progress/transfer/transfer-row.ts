import { formatDuration } from "../../base/format-duration.ts";
import { formatBytes } from "../../base/format-bytes.ts";
import { fitText, padText } from "../../base/text-width.ts";
import { composeRow } from "../compose-row.ts";
import { shortDigest } from "../short-digest.ts";
import { spinnerAt } from "../spinner.ts";
import type { Look } from "../terminal.ts";
import { describeBytes, describePart, describeRate } from "./describe-moved.ts";
import type { BlobState, ImageState, Moved } from "./transfer-state.ts";

/** Widths of a frame's columns, in terminal columns. */
export type TransferShape = { readonly columns: number; readonly name: number };

type RowContext = { readonly now: number; readonly look: Look; readonly shape: TransferShape };

// On a wider terminal the eye would lose the way from the name to the time.
const widestRow = 120;
const widestBar = 30;
// A bar below this shows no progress: the percentage has to do.
const narrowestBar = 8;
const percentWidth = 4;
const bytesWidth = 17;
const rateWidth = 9;
const timeWidth = 6;

/** The widths that suit the images of a transfer on a terminal of `columns`. */
export function shapeTransferRows(images: Iterable<ImageState>, columns: number): TransferShape {
  let name = 0;
  for (const { to } of images) name = Math.max(name, Bun.stringWidth(to));
  return { columns: Math.min(columns, widestRow), name: Math.min(name, Math.floor(columns * 0.4)) };
}

/** One image as one line: sign, name, how far it is or what became of it, time. */
export function renderImageRow(image: ImageState, { now, look, shape }: RowContext): string {
  const { paint, glyphs } = look;
  const { ellipsis } = glyphs;
  const { status } = image;
  // Of a name the end says most: the tag.
  const name = padText(fitText(image.to, shape.name, { ellipsis, cut: "start" }), shape.name);
  const row = (sign: string, detail: (room: number) => string, tails: string[][]): string =>
    composeRow({ head: [` ${sign} ${name}`], detail, tails }, { columns: shape.columns, ellipsis });
  const clock = (time: number): string => padText(formatDuration(time), timeWidth, "right");
  switch (status.kind) {
    case "running": {
      const time = clock(now - image.startedAt);
      const bytes = padText(image.total === 0 ? "" : describeBytes(image), bytesWidth, "right");
      const rate = padText(describeRate(image, now) ?? "", rateWidth, "right");
      const detail = (room: number): string => describeProgress(image, room, look);
      const sign = paint.cyan(spinnerAt(now, glyphs));
      return row(sign, detail, [[bytes, rate, time], [bytes, time], [time]]);
    }
    case "done":
    case "unchanged": {
      const time = clock(status.duration);
      const bytes = paint.dim(padText(formatBytes(status.bytes), bytesWidth, "right"));
      const text = status.kind === "done" ? "" : paint.dim("unchanged");
      const tail = status.bytes > 0 ? [bytes, padText("", rateWidth), time] : [time];
      return row(paint.green(glyphs.done), () => text, [tail, [time]]);
    }
    case "failed": {
      const text = paint.red(`failed: ${status.message.replace(/\s+/g, " ")}`);
      return row(paint.red(glyphs.failed), () => text, [[clock(status.duration)]]);
    }
  }
}

/** One blob that moves, below the row of its image. */
export function renderBlobRow(blob: BlobState, { look, shape }: RowContext): string {
  const { paint, glyphs } = look;
  const moved = { sent: blob.sent, total: blob.size };
  const bytes = padText(describeBytes(moved), bytesWidth, "right");
  return composeRow(
    {
      head: [paint.dim(`     ${glyphs.bar} ${shortDigest(blob.digest)}`)],
      detail: (room) => paint.dim(describeProgress(moved, room, look)),
      tails: [[paint.dim(bytes)]],
    },
    { columns: shape.columns, ellipsis: glyphs.ellipsis },
  );
}

/** `████░░░░  45%`, or the percentage alone where there is no room. */
function describeProgress(
  moved: Pick<Moved, "sent" | "total">,
  room: number,
  { glyphs }: Look,
): string {
  const part = describePart(moved);
  if (part === undefined) return "";
  const percent = padText(part, percentWidth, "right");
  const width = Math.min(widestBar, room - percentWidth - 1);
  if (width < narrowestBar) return percent;
  const full = Math.min(width, Math.floor((moved.sent / moved.total) * width));
  return `${glyphs.full.repeat(full)}${glyphs.empty.repeat(width - full)} ${percent}`;
}
