import { formatBytes } from "../../base/format-bytes.ts";
import { printable } from "../../base/printable.ts";
import { renderTable } from "../../base/render-table.ts";
import type { TransferAction } from "../../progress/transfer/transfer-event.ts";
import { shortDigest } from "../../progress/short-digest.ts";
import type { Stream } from "../app.ts";
import type { TransferRow } from "./transfer-row.ts";

type RenderOptions = { readonly action: TransferAction; readonly dryRun: boolean };

const past: Readonly<Record<TransferAction, string>> = {
  push: "pushed",
  copy: "copied",
  import: "imported",
  promote: "promoted",
  mirror: "mirrored",
};

/** What became of images, as a table: an image a row, with all its tags. */
export function renderTransfers(
  { look: { paint } }: Stream,
  rows: readonly TransferRow[],
  { action, dryRun }: RenderOptions,
): string {
  const heading = ["IMAGE", "TAGS", "DIGEST", "SENT", "MOUNTED", ""].map((cell) =>
    paint.bold(cell),
  );
  const done = `${dryRun ? "would be " : ""}${past[action]}`;
  const lines = rows.map(({ name, tags, digest, changed, bytes, error }) => [
    printable(name),
    printable(tags.map(({ tag }) => tag).join(" ")),
    digest === undefined ? "" : paint.dim(shortDigest(digest)),
    sizeOf(bytes?.sent),
    sizeOf(bytes?.mounted),
    error === undefined ? (changed === true ? done : "unchanged") : paint.red("failed"),
  ]);
  const align = ["left", "left", "left", "right", "right"] as const;
  return `${renderTable([heading, ...lines], { align }).join("\n")}\n`;
}

function sizeOf(bytes: number | undefined): string {
  return bytes === undefined || bytes === 0 ? "" : formatBytes(bytes);
}
