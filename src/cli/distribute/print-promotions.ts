import { printable } from "../../base/printable.ts";
import { shortDigest } from "../../progress/short-digest.ts";
import type { App } from "../app.ts";
import { printJson } from "../print-json.ts";
import { printTable } from "../print-table.ts";
import type { PromotionRow } from "./promotion-row.ts";

/** Prints what became of promotions, an image a row. */
export function printPromotions(
  app: App,
  { json }: { readonly json?: boolean | undefined },
  rows: readonly PromotionRow[],
): void {
  if (json === true) return printJson(app.stdout, rows);
  const { paint } = app.stdout.look;
  printTable(app, [
    ["IMAGE", "ALIASES", "DIGEST", ""],
    ...rows.map(({ name, tag, aliases, digest, status }) => [
      printable(`${name}:${tag}`),
      printable(aliases.join(" ")),
      digest === undefined ? "" : paint.dim(shortDigest(digest)),
      status === "refused" || status === "failed" ? paint.red(status) : status,
    ]),
  ]);
}
