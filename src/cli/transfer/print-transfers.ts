import { formatBytes } from "../../base/format-bytes.ts";
import { printable } from "../../base/printable.ts";
import { shortDigest } from "../../progress/short-digest.ts";
import { actionWords } from "../../progress/transfer/action-words.ts";
import type { TransferAction } from "../../progress/transfer/transfer-event.ts";
import type { App } from "../app.ts";
import { printTable } from "../print-table.ts";
import type { TransferRow } from "./transfer-row.ts";

type PrintOptions = { readonly action: TransferAction; readonly dryRun: boolean };

/** Prints what became of images: an image a row, with all its tags. */
export function printTransfers(
  app: App,
  rows: readonly TransferRow[],
  { action, dryRun }: PrintOptions,
): void {
  const { paint } = app.stdout.look;
  const done = `${dryRun ? "would be " : ""}${actionWords(action).past}`;
  const lines = rows.map(({ name, tags, digest, changed, bytes, error }) => [
    printable(name),
    printable(tags.map(({ tag }) => tag).join(" ")),
    digest === undefined ? "" : paint.dim(shortDigest(digest)),
    sizeOf(bytes?.sent),
    sizeOf(bytes?.mounted),
    error === undefined ? (changed === true ? done : "unchanged") : paint.red("failed"),
  ]);
  const align = ["left", "left", "left", "right", "right"] as const;
  printTable(app, [["IMAGE", "TAGS", "DIGEST", "SENT", "MOUNTED", ""], ...lines], { align });
}

function sizeOf(bytes: number | undefined): string {
  return bytes === undefined || bytes === 0 ? "" : formatBytes(bytes);
}
