import { fitText, padText } from "./text-width.ts";

/** How a table is laid out. */
export type TableOptions = {
  /** One a column; left when absent. */
  readonly align?: readonly ("left" | "right")[];
  /** Terminal columns at most; no limit when absent, as for a pipe. */
  readonly columns?: number | undefined;
  /** Columns that may be cut when the table is too wide, the first one first; the widest ones when absent. */
  readonly shrink?: readonly number[];
  readonly ellipsis?: string;
};

const gap = "  ";
const narrowest = 4;

/**
 * Rows of cells as lines, columns lined up, two spaces between them, no borders and no spaces at the ends of lines.
 * The first row is the heading, if there is to be one. Cells may be coloured.
 */
export function renderTable(
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string[] {
  const { align = [], columns, shrink, ellipsis = "…" } = options;
  const widths = shrinkColumns(columnWidths(rows), columns, shrink);
  return rows.map((row) => {
    const cells = row.map((cell, index) => {
      const width = widths[index] ?? 0;
      return padText(fitText(cell, width, { ellipsis }), width, align[index]);
    });
    const line = cells.join(gap).trimEnd();
    // A table whose narrowest form is still too wide loses its end.
    return columns === undefined ? line : fitText(line, columns, { ellipsis });
  });
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, Bun.stringWidth(cell));
    }
  }
  return widths;
}

function shrinkColumns(
  natural: readonly number[],
  columns: number | undefined,
  shrink: readonly number[] | undefined,
): number[] {
  const widths = [...natural];
  if (columns === undefined) return widths;
  let excess = sum(widths) + gap.length * Math.max(0, widths.length - 1) - columns;
  const order =
    shrink ??
    widths.map((_, index) => index).toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
  for (const index of order) {
    if (excess <= 0) break;
    const width = widths[index] ?? 0;
    const taken = Math.min(excess, Math.max(0, width - narrowest));
    widths[index] = width - taken;
    excess -= taken;
  }
  return widths;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
