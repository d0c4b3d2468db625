import { formatBytes } from "../../../base/format-bytes.ts";
import { printable } from "../../../base/printable.ts";
import { renderTable } from "../../../base/render-table.ts";
import { type CacheRecord, cacheRecords } from "../../../buildkit/cache/cache-records.ts";
import { sizeOf, usageByType, whyKept } from "../../../buildkit/cache/cache-usage.ts";
import { defineCommand } from "../../define-command.ts";
import { buildkitFlag, connectFoundBuildkit } from "../../buildkit/find-buildkit.ts";
import { printJson } from "../../print-json.ts";
import { printTable } from "../../print-table.ts";

export const devDuCommand = defineCommand({
  args: {
    ...buildkitFlag,
    filter: {
      type: "string",
      valueHint: "expression",
      description:
        "Only what matches, as type==source.local or description~=apt; a comma means and",
    },
    verbose: { type: "boolean", alias: "v", description: "Show every record" },
    json: { type: "boolean", description: "Print every record as JSON" },
  },
  async run(app, args) {
    await using buildkit = await connectFoundBuildkit(app, args);
    const records = await cacheRecords(buildkit, { filter: args.filter, signal: app.signal });
    const sorted = records.toSorted((a, b) => b.size - a.size || (a.id < b.id ? -1 : 1));
    const sums = {
      total: sizeOf(records),
      reclaimable: sizeOf(records.filter((record) => whyKept(record, {}) === undefined)),
      reclaimableWithAll: sizeOf(
        records.filter((record) => whyKept(record, { all: true }) === undefined),
      ),
    };
    if (args.json === true) {
      const { address } = buildkit;
      const types = usageByType(records);
      const result = { buildkit: address, ...sums, types, records: sorted };
      return printJson(app.stdout, result);
    }
    const [heading, ...rows] = args.verbose === true ? recordRows(sorted) : typeRows(sorted);
    const align = heading.map((cell) => (numeric.has(cell) ? ("right" as const) : "left"));
    printTable(app, [heading, ...rows], { align, columns: app.stdout.width });
    const { paint } = app.stdout.look;
    const lines = renderTable(
      [
        [paint.bold("Total"), formatBytes(sums.total), ""],
        [paint.bold("Reclaimable"), formatBytes(sums.reclaimable), "by hive dev prune"],
        ["", formatBytes(sums.reclaimableWithAll), "by hive dev prune --all"],
      ],
      { align: ["left", "right"] },
    );
    app.stdout.write(`\n${lines.join("\n")}\n`);
  },
});

type Table = readonly [heading: readonly string[], ...rows: (readonly string[])[]];

const numeric = new Set(["RECORDS", "SIZE", "IN USE", "SHARED"]);

function typeRows(records: readonly CacheRecord[]): Table {
  return [
    ["TYPE", "RECORDS", "SIZE", "IN USE", "SHARED", "LAST USED"],
    ...usageByType(records).map((usage) => [
      printable(usage.type),
      String(usage.records),
      formatBytes(usage.size),
      formatBytes(usage.inUse),
      formatBytes(usage.shared),
      formatTime(usage.lastUsed),
    ]),
  ];
}

function recordRows(records: readonly CacheRecord[]): Table {
  return [
    ["ID", "TYPE", "SIZE", "LAST USED", "STATE", "DESCRIPTION"],
    ...records.map((record) => [
      printable(record.id),
      printable(record.type),
      formatBytes(record.size),
      formatTime(record.lastUsed),
      [record.inUse ? "in use" : "", record.shared ? "shared" : ""].filter(Boolean).join(", "),
      printable(record.description),
    ]),
  ];
}

/** To the second, as it stands in RFC 3339. */
function formatTime(time: Date | undefined): string {
  return time === undefined ? "never" : time.toISOString().slice(0, 19).replace("T", " ");
}
