import { renderTable, type TableOptions } from "../base/render-table.ts";
import type { App } from "./app.ts";

/** Prints a table; its first row is the heading. */
export function printTable(
  { stdout }: Pick<App, "stdout">,
  [heading = [], ...rows]: readonly (readonly string[])[],
  options: TableOptions = {},
): void {
  const { paint } = stdout.look;
  const lines = renderTable([heading.map((cell) => paint.bold(cell)), ...rows], options);
  stdout.write(`${lines.join("\n")}\n`);
}
