import { formatElapsed } from "../../base/format-duration.ts";
import { fitParts, type WeightedPart } from "../fit-parts.ts";
import type { FrameSize } from "../live-view.ts";
import type { Look } from "../terminal.ts";
import { describeBytes, describeEta, describeRate } from "./describe-moved.ts";
import { actionWords } from "./action-words.ts";
import { countImages, totalImages, type TransferState } from "./transfer-state.ts";

/** The first line of the live view: `copying  12/50 images  1.2 GB / 2.0 GB  41.2 MB/s  eta ~20s  48s`. */
export function renderTransferHeader(
  state: TransferState,
  { now, columns }: FrameSize,
  { paint, glyphs }: Look,
): string {
  const total = totalImages(state);
  const unchanged = countImages(state, "unchanged");
  const failed = countImages(state, "failed");
  const done = state.images.size - countImages(state, "running");
  // The number says which part goes first when there is no room.
  const parts: (WeightedPart | undefined)[] = [
    [9, paint.bold(actionWords(state.action).now)],
    [8, total === 0 ? "starting" : `${done}/${total} ${total === 1 ? "image" : "images"}`],
    unchanged === 0 ? undefined : [2, `${unchanged} unchanged`],
    failed === 0 ? undefined : [7, paint.red(`${failed} failed`)],
    state.total === 0 ? undefined : [6, describeBytes(state)],
    weighted(5, describeRate(state, now)),
    weighted(4, describeEta(state, now, glyphs)),
    [3, formatElapsed(now - (state.startedAt ?? now))],
  ];
  const shown = parts.filter((part) => part !== undefined);
  return fitParts(shown, { columns, ellipsis: glyphs.ellipsis });
}

function weighted(weight: number, text: string | undefined): WeightedPart | undefined {
  return text === undefined ? undefined : [weight, text];
}
