import { formatBytes } from "../base/format-bytes.ts";
import { formatDuration } from "../base/format-duration.ts";
import { renderTable } from "../base/render-table.ts";
import { shortDigest } from "./short-digest.ts";
import type { RunSummary, TargetSummary } from "./summarize.ts";
import type { Look } from "./terminal.ts";

type SummaryOptions = {
  readonly look: Look;
  /** The width of the terminal; no limit when absent. */
  readonly columns?: number | undefined;
};

const heading = ["IMAGE", "PLATFORM", "STATUS", "TIME", "SIZE", "DIGEST"];

// What takes part in the total line, in its order.
const statuses = [
  "built",
  "cached",
  "unchanged",
  "failed",
  "skipped",
  "canceled",
  "pending",
] as const;

// Of more targets than these, those that nothing was done about are left out of the table.
const manyTargets = 50;

// Below this a hint about time is noise.
const worthAHint = 1000;

/** The table that ends a run, for standard output: targets, totals, where the time went. */
export function renderSummary(summary: RunSummary, options: SummaryOptions): string {
  const { look, columns } = options;
  const { paint, glyphs } = look;
  const shown = shownTargets(summary);
  const rows = [
    ...(shown.length === 0 ? [] : [heading.map((cell) => paint.bold(cell))]),
    ...shown.map((target) => rowOf(target, look)),
  ];
  const kept = columnsThatFit(rows, columns);
  const table = renderTable(
    rows.map((row) => kept.map((column) => row[column] ?? "")),
    {
      align: kept.map((column) => (column === 3 || column === 4 ? "right" : "left")),
      columns,
      // What may be cut first is what can be looked up: the reason, then names.
      shrink: [2, 5, 0, 1].map((column) => kept.indexOf(column)).filter((index) => index >= 0),
      ellipsis: glyphs.ellipsis,
    },
  );
  const lines = [
    ...table,
    ...(table.length === 0 ? [] : [""]),
    totalLine(summary, look),
    ...hiddenLine(summary.targets.length - shown.length, look),
    ...cacheLine(summary, look),
    ...timeLines(summary, options),
    ...pushedLines(summary, options),
  ];
  return `${lines.join("\n")}\n`;
}

// STATUS without its reason.
const statusWidth = "unchanged".length;

/**
 * On a narrow terminal whole columns go, before names are cut to what says nothing: digests, then a platform that all
 * have, then sizes.
 */
function columnsThatFit(
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): readonly number[] {
  let kept = heading.map((_, index) => index);
  if (columns === undefined) return kept;
  const widthOf = (column: number): number => {
    const width = Math.max(0, ...rows.map((row) => Bun.stringWidth(row[column] ?? "")));
    return column === 2 ? Math.min(width, statusWidth) : width;
  };
  const isOne = new Set(rows.slice(1).map((row) => row[1])).size === 1;
  for (const column of isOne ? [5, 1, 4] : [5, 4]) {
    const gaps = 2 * (kept.length - 1);
    if (kept.reduce((total, each) => total + widthOf(each), gaps) <= columns) break;
    kept = kept.filter((each) => each !== column);
  }
  return kept;
}

function shownTargets({ targets }: RunSummary): readonly TargetSummary[] {
  if (targets.length <= manyTargets) return targets;
  const isIdle = ({ status }: TargetSummary): boolean =>
    status === "unchanged" || status === "skipped" || status === "pending";
  return targets.filter((target) => !isIdle(target));
}

function hiddenLine(count: number, { paint }: Look): string[] {
  if (count === 0) return [];
  return [paint.dim(`  ${count} that nothing was done about are not listed; --json has all`)];
}

function rowOf(target: TargetSummary, look: Look): string[] {
  const { duration, size, digest } = target;
  return [
    target.reference,
    target.platform,
    statusCell(target, look),
    duration === undefined ? "" : formatDuration(duration),
    size === undefined ? "" : formatBytes(size),
    digest === undefined ? "" : look.paint.dim(shortDigest(digest)),
  ];
}

function statusCell({ status, reason }: TargetSummary, { paint }: Look): string {
  switch (status) {
    case "built":
    case "cached":
    case "unchanged":
      return paint.green(status);
    case "failed":
      return paint.red("failed");
    case "skipped":
      return paint.yellow(`skipped: ${reason ?? ""}`);
    case "canceled":
      return paint.yellow("canceled");
    case "pending":
      return paint.yellow("not built");
  }
}

function totalLine(summary: RunSummary, { paint, glyphs }: Look): string {
  const counts = statuses.flatMap((status) => {
    const count = summary.targets.filter((target) => target.status === status).length;
    return count === 0 ? [] : [`${count} ${status === "pending" ? "not built" : status}`];
  });
  const sign = summary.ok ? paint.green(glyphs.done) : paint.red(glyphs.failed);
  const images = `${summary.targets.length} ${summary.targets.length === 1 ? "image" : "images"}`;
  const listed = counts.length === 0 ? "" : `: ${counts.join(", ")}`;
  return `${sign} ${images}${listed} in ${formatDuration(summary.duration)}`;
}

function cacheLine(summary: RunSummary, { paint }: Look): string[] {
  const caches = summary.targets.flatMap(({ cache }) => (cache === undefined ? [] : [cache]));
  const moved = (["imported", "exported"] as const).flatMap((key) => {
    const sum = caches.reduce((total, bytes) => total + (bytes[key] ?? 0), 0);
    return sum === 0 ? [] : [`${formatBytes(sum)} ${key}`];
  });
  return moved.length === 0 ? [] : [paint.dim(`  cache: ${moved.join(", ")}`)];
}

/** The names at a registry: of images of single platforms, then of what stands for several of them. */
function pushedLines(
  { targets, names = [] }: RunSummary,
  { look, columns }: SummaryOptions,
): string[] {
  const { paint, glyphs } = look;
  const images = targets.flatMap(({ pushed, platform, digest }) =>
    pushed === undefined || digest === undefined ? [] : [[pushed, platform, digest] as const],
  );
  const named = names.map(
    ({ name, of, platforms, digest }) => [name, of ?? platforms.join(", "), digest] as const,
  );
  const rows = [...images, ...named].slice(0, manyTargets);
  if (rows.length === 0) return [];
  const more = images.length + named.length - rows.length;
  return [
    "",
    ...renderTable(
      [
        ["AT THE REGISTRY", "STANDS FOR", "DIGEST"].map((cell) => paint.bold(cell)),
        ...rows.map(([name, what, digest]) => [name, what, paint.dim(shortDigest(digest))]),
      ],
      { columns, shrink: [1, 0, 2], ellipsis: glyphs.ellipsis },
    ),
    ...(more === 0 ? [] : [paint.dim(`  and ${more} more; --json has all`)]),
  ];
}

function timeLines(summary: RunSummary, { look, columns }: SummaryOptions): string[] {
  const rows = summary.slowest
    .filter((step) => step.duration >= worthAHint)
    .map((step, index) => [
      index === 0 ? "slowest" : "",
      formatDuration(step.duration),
      `${step.target} ${step.step}`,
    ]);
  const { targets, duration } = summary.criticalPath;
  if (targets.length > 1 && duration >= worthAHint) {
    const chain = targets.join(` ${look.glyphs.arrow} `);
    rows.push(["critical path", formatDuration(duration), chain]);
  }
  const width = columns === undefined ? undefined : columns - 2;
  const table = {
    align: ["left", "right"],
    columns: width,
    ellipsis: look.glyphs.ellipsis,
  } as const;
  return renderTable(rows, { ...table, shrink: [2] }).map((line) => look.paint.dim(`  ${line}`));
}
