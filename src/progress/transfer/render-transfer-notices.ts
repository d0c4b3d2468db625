import { formatBytes } from "../../base/format-bytes.ts";
import { formatDuration } from "../../base/format-duration.ts";
import { printableLines } from "../../base/printable.ts";
import type { Look } from "../terminal.ts";
import { actionWords } from "./action-words.ts";
import { countImages, type ImageState, totalImages, type TransferState } from "./transfer-state.ts";

/** `✖ registry.test/app:1 failed after 3.2s: message`, and the message's other lines below. */
export function renderTransferFailure(image: ImageState, { paint, glyphs }: Look): string[] {
  const { status } = image;
  if (status.kind !== "failed") return [];
  const [message = "", ...more] = printableLines(status.message);
  const title = `${glyphs.failed} ${image.to} failed after ${formatDuration(status.duration)}`;
  return [`${paint.bold(paint.red(title))}: ${message}`, ...more.map((line) => `    ${line}`)];
}

/** `warning: text`. */
export function renderTransferWarning(message: string, { paint }: Look): string[] {
  const [first = "", ...more] = printableLines(message);
  return [`${paint.yellow("warning")}: ${first}`, ...more.map((line) => `    ${line}`)];
}

/** `copied 49 images, 1.2 GB in 30.1s (40.1 MB/s), 12 unchanged, 1 failed`. Nothing when there was no image. */
export function renderTransferEnd(state: TransferState, { paint }: Look): string[] {
  const { images, end } = state;
  if (images.size === 0 || end === undefined) return [];
  const done = countImages(state, "done");
  const unchanged = countImages(state, "unchanged");
  const failed = countImages(state, "failed");
  // Where it was broken off.
  const unfinished = totalImages(state) - done - unchanged - failed;
  const bytes = [...images.values()].reduce(
    (sum, { status, sent }) => sum + ("bytes" in status ? status.bytes : sent),
    0,
  );
  const rate = bytes === 0 ? "" : ` (${formatBytes((bytes * 1000) / Math.max(1, end.duration))}/s)`;
  const facts = [
    `${actionWords(state.action).past} ${done} ${done === 1 ? "image" : "images"}`,
    `${formatBytes(bytes)} in ${formatDuration(end.duration)}${rate}`,
    ...(unchanged === 0 ? [] : [`${unchanged} unchanged`]),
    ...(failed === 0 ? [] : [paint.red(`${failed} failed`)]),
    ...(unfinished === 0 ? [] : [paint.yellow(`${unfinished} not finished`)]),
  ];
  return [facts.join(", ")];
}
