import { formatElapsed } from "../../base/format-duration.ts";
import type { Glyphs } from "../glyphs.ts";
import { describeBytes, describeEta, describePart, describeRate } from "./describe-moved.ts";
import { actionWords } from "./action-words.ts";
import { totalImages, type TransferState } from "./transfer-state.ts";

const namedImages = 3;

/** The sign of life in a silent log: `still copying after 30s: 1/2 images, 1.2 GB / 2.0 GB (60%), 41 MB/s, eta ~20s; app:1 60%`. */
export function transferHeartbeat(state: TransferState, now: number, glyphs: Glyphs): string {
  const running = [...state.images.values()].filter(({ status }) => status.kind === "running");
  const total = totalImages(state);
  const part = describePart(state);
  const facts = [
    `${state.images.size - running.length}/${total} ${total === 1 ? "image" : "images"}`,
    part === undefined ? undefined : `${describeBytes(state)} (${part})`,
    describeRate(state, now),
    describeEta(state, now, glyphs),
  ].filter((fact) => fact !== undefined);
  const work = running
    .slice(0, namedImages)
    .map((image) => `${image.to} ${describePart(image) ?? ""}`.trimEnd());
  const more = running.length > work.length ? [`${running.length - work.length} more`] : [];
  const elapsed = formatElapsed(now - (state.startedAt ?? now));
  const begin = `still ${actionWords(state.action).now} after ${elapsed}`;
  return [`${begin}: ${facts.join(", ")}`, ...work, ...more].join("; ");
}
