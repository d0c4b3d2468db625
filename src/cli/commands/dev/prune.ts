import { formatBytes } from "../../../base/format-bytes.ts";
import { printable } from "../../../base/printable.ts";
import { HiveError } from "../../../base/hive-error.ts";
import {
  type CacheRecord,
  cacheRecords,
  pruneCache,
  type PruneRequest,
} from "../../../buildkit/cache/cache-records.ts";
import { type KeepReason, sizeOf, whyKept } from "../../../buildkit/cache/cache-usage.ts";
import type { App } from "../../app.ts";
import { defineCommand } from "../../define-command.ts";
import { buildkitFlag, connectFoundBuildkit } from "../../buildkit/find-buildkit.ts";
import { printJson } from "../../print-json.ts";
import { readBytes, readDuration } from "../../read-value.ts";

export const devPruneCommand = defineCommand({
  args: {
    ...buildkitFlag,
    all: {
      type: "boolean",
      description: "Also what BuildKit keeps for itself, and what images of the daemon share",
    },
    "keep-storage": {
      type: "string",
      valueHint: "size",
      description:
        "Stop when no more than this is left, as 10GB; the least recently used goes first",
    },
    "older-than": {
      type: "string",
      valueHint: "span",
      description: "Keep what was used within this span, as 24h",
    },
    filter: {
      type: "string",
      valueHint: "expression",
      description:
        "Only what matches, as type==source.local or description~=apt; a comma means and",
    },
    "dry-run": { type: "boolean", description: "Only say what may be removed" },
    json: { type: "boolean", description: "Print what was removed as JSON" },
  },
  async run(app, args) {
    const request = {
      filter: args.filter,
      all: args.all === true,
      olderThan: optional(args["older-than"], (text) => readDuration("older-than", text)),
      keepStorage: optional(args["keep-storage"], readStorage),
    };
    await using buildkit = await connectFoundBuildkit(app, args);
    const { signal } = app;
    const { filter } = request;
    const dryRun = args["dry-run"] === true;
    const quiet = args.json === true;
    const removed: CacheRecord[] = [];
    const take = (record: CacheRecord): void => {
      removed.push(record);
      if (!quiet) app.stdout.write(`${describe(record)}\n`);
    };
    let kept: readonly CacheRecord[] = [];
    if (dryRun) {
      const groups = Map.groupBy(
        await cacheRecords(buildkit, { filter, signal }),
        (record) => whyKept(record, request) === undefined,
      );
      groups.get(true)?.forEach(take);
      kept = groups.get(false) ?? [];
    } else {
      // Nothing is measured before that: to the daemon it counts as use.
      await pruneCache(buildkit, request, { signal, onRemoved: take });
      kept = await cacheRecords(buildkit, { filter, signal });
    }

    const bytes = sizeOf(removed);
    if (quiet) {
      const result = {
        dryRun,
        bytes,
        removed,
        kept: { records: kept.length, bytes: sizeOf(kept) },
      };
      return printJson(app.stdout, result);
    }
    const verb = dryRun ? "Would remove" : "Removed";
    app.stdout.write(`${verb} ${countOf(removed)}, ${formatBytes(bytes)}\n`);
    if (dryRun && request.keepStorage !== undefined) {
      const limit = formatBytes(request.keepStorage);
      app.log.info(`At most these: it would stop when no more than ${limit} is left.`);
    }
    tellKept(app, kept, request);
  },
});

function optional<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

/** To the daemon 0 means no limit, which is the opposite of what it says. */
function readStorage(text: string): number {
  const bytes = readBytes("keep-storage", text);
  if (bytes > 0) return bytes;
  throw new HiveError("usage", `Cannot use --keep-storage=${text}: nothing would be kept`, {
    hint: "To remove all that can be, leave it out.",
  });
}

function describe({ id, type, size, description }: CacheRecord): string {
  // Of what is gone the daemon does not repeat the type.
  const cells = [id, formatBytes(size), type, description];
  return printable(cells.filter((cell) => cell !== "").join("  "));
}

const reasons: Readonly<Record<KeepReason | "other", string>> = {
  "in use": "in use",
  shared: "shared with images of the daemon (--all removes it)",
  internal: "kept by BuildKit for itself (--all removes it)",
  recent: "used since then",
  other: "within what is to be kept",
};

function countOf({ length }: readonly CacheRecord[]): string {
  return `${length} ${length === 1 ? "record" : "records"}`;
}

/** What is still there, and that other things were never meant. */
function tellKept({ log }: App, kept: readonly CacheRecord[], request: PruneRequest): void {
  const groups = Map.groupBy(kept, (record) => whyKept(record, request) ?? "other");
  for (const [reason, records] of groups) {
    log.info(`Kept ${formatBytes(sizeOf(records))} in ${countOf(records)}: ${reasons[reason]}`);
  }
  log.info("Not touched: images in .hive/, in registries, and those of a Docker Engine.");
}
