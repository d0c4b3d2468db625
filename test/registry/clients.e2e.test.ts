import { describe, expect, test } from "bun:test";
import { clientMatrix, operations } from "./clients/client-matrix.ts";
import { openWorkbench } from "./clients/workbench.ts";

const cells = Object.entries(clientMatrix).flatMap(([client, row]) =>
  operations.map((operation) => ({ client, operation, cell: row[operation] })),
);
const done = cells.flatMap(({ client, operation, cell }) =>
  typeof cell === "string" ? [] : [{ client, operation, cell }],
);

describe("clients", () => {
  test.each(
    done.map((one): [string, string, (typeof done)[number]] => [one.client, one.operation, one]),
  )(
    "%s: %s",
    async (_client, _operation, { cell }) => {
      await using bench = await openWorkbench();
      await cell(bench);
    },
    120_000,
  );

  test("the table in docs/registry-clients.md is what was tried", async () => {
    const file = new URL("../../docs/registry-clients.md", import.meta.url);
    expect(await Bun.file(file).text()).toContain(renderMatrix());
  });
});

/** A table of clients and operations, and below it why some are not there. */
function renderMatrix(): string {
  const reasons = cells.flatMap(({ client, operation, cell }) =>
    typeof cell === "string" ? [`- ${client}, ${operation}: ${cell}.`] : [],
  );
  const rows = Object.entries(clientMatrix).map(([client, row]) => [
    client,
    ...operations.map((operation) => (typeof row[operation] === "string" ? "–" : "yes")),
  ]);
  return [["client", ...operations], ["", ...operations].map(() => "---"), ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .concat("", reasons)
    .join("\n");
}
