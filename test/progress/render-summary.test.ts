import { expect, test } from "bun:test";
import { renderSummary } from "../../src/progress/render-summary.ts";
import { summarize } from "../../src/progress/summarize.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { asciiLook, at, colorLook, plainLook, reduceEvents, script, scriptEnd } from "./script.ts";

const summary = summarize(reduceEvents([...script, ...scriptEnd]));

test("renderSummary() shows every target, the totals and where the time went", () => {
  expect(renderSummary(summary, { look: plainLook })).toMatchSnapshot();
});

test("renderSummary() in colour says the same", () => {
  const text = renderSummary(summary, { look: colorLook });
  expect(text).not.toBe(Bun.stripANSI(text));
  expect(Bun.stripANSI(text)).toBe(renderSummary(summary, { look: plainLook }));
});

for (const columns of [40, 60, 80]) {
  test(`renderSummary() keeps tables within ${columns} columns`, () => {
    const text = renderSummary(summary, { look: asciiLook, columns });
    const [table = "", times = ""] = text.trimEnd().split("\n\n");
    const [, ...where] = times.split("\n");
    expect(table.split("\n")).toHaveLength(8);
    expect(where).toHaveLength(4);
    for (const line of [...table.split("\n"), ...where]) {
      expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
    }
  });
}

test("renderSummary() leaves out columns on a narrow terminal, not the ends of names", () => {
  const of = (columns: number): string => renderSummary(summary, { look: asciiLook, columns });
  const names = summary.targets.map(({ reference }) => reference);
  for (const name of names) expect(of(60)).toContain(name);
  expect(of(100)).toContain("DIGEST");
  expect(of(60)).not.toContain("DIGEST");
  expect(of(60)).toContain("PLATFORM");
  const targets = summary.targets.filter(({ platform }) => platform === "linux/arm64");
  const alike = renderSummary({ ...summary, targets }, { look: asciiLook, columns: 44 });
  expect(alike).not.toContain("PLATFORM");
  for (const { reference } of targets) expect(alike).toContain(reference);
});

test("renderSummary() and summarize() tell the names that images have at a registry", () => {
  const digest = digestOf("index");
  const pushed = "r.test/a:1.linux-amd64";
  const state = reduceEvents([
    at(0, {
      type: "plan",
      targets: [{ id: "a:1 linux/amd64", reference: "a:1", platform: "linux/amd64", needs: [] }],
    }),
    at(1, {
      type: "target.done",
      target: "a:1 linux/amd64",
      digest,
      size: 1,
      cached: false,
      pushed,
      duration: 1,
    }),
    at(2, { type: "named", name: "r.test/a:1", digest, platforms: ["linux/amd64"], changed: true }),
    at(3, {
      type: "named",
      name: "r.test/a:latest",
      of: "r.test/a:1",
      digest,
      platforms: ["linux/amd64"],
      changed: false,
    }),
    at(4, { type: "run.end", ok: true, duration: 4 }),
  ]);
  const told = summarize(state);
  expect(told.targets[0]?.pushed).toBe(pushed);
  expect(told.names?.map(({ name, of, changed }) => [name, of, changed])).toEqual([
    ["r.test/a:1", undefined, true],
    ["r.test/a:latest", "r.test/a:1", false],
  ]);
  const [, ...rows] =
    renderSummary(told, { look: plainLook }).split("AT THE REGISTRY")[1]?.split("\n") ?? [];
  expect(rows.map((row) => row.trim().split(/ {2,}/).slice(0, 2))).toEqual([
    [pushed, "linux/amd64"],
    ["r.test/a:1", "linux/amd64"],
    ["r.test/a:latest", "r.test/a:1"],
    [""],
  ]);
  // A run that pushed nothing has no such names at all.
  expect("names" in summary).toBe(false);
});

test("summarize() is the JSON of a run", () => {
  expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  expect(summary).toMatchSnapshot();
});

test("summarize() reports what never ran as pending and no success before the end", () => {
  const unfinished = summarize(reduceEvents(script));
  expect(unfinished.ok).toBe(false);
  expect(unfinished.targets.map(({ status }) => status)).toEqual([
    "cached",
    "built",
    "pending",
    "pending",
    "failed",
    "skipped",
    "pending",
  ]);
});

test("summarize() finds the longest chain of needs", () => {
  expect(summary.criticalPath).toEqual({
    targets: ["base:24.04 linux/arm64", "python:3.13-slim linux/arm64", "api:1.4.0 linux/arm64"],
    duration: 5700 + 44_900 + 7000,
  });
});

test("renderSummary() adds up what was read from and written to caches, as far as that is known", () => {
  const [first] = summary.targets;
  if (first === undefined) throw new Error("The script has no targets");
  const text = (...caches: readonly (typeof first)["cache"][]): string =>
    renderSummary(
      {
        ...summary,
        targets: caches.map((cache) => ({ ...first, ...(cache === undefined ? {} : { cache }) })),
      },
      { look: plainLook },
    );
  expect(text({ imported: 1500, exported: 2000 }, { imported: 500, exported: 0 })).toContain(
    "  cache: 2.0 kB imported, 2.0 kB exported\n",
  );
  expect(text({ imported: 2000 }, undefined)).toContain("  cache: 2.0 kB imported\n");
  expect(text({ imported: 0 })).not.toContain("cache:");
});

test("renderSummary() of many targets lists only those that something was done about", () => {
  const [first] = summary.targets;
  if (first === undefined) throw new Error("The script has no targets");
  const idle = Array.from({ length: 60 }, (_, index) => ({
    ...first,
    reference: `idle:${index}`,
    status: "unchanged" as const,
  }));
  const text = renderSummary({ ...summary, targets: [...idle, first] }, { look: plainLook });
  expect(text).toContain(first.reference);
  expect(text).not.toContain("idle:");
  expect(text).toContain("61 images: 1 cached, 60 unchanged");
  expect(text).toContain("60 that nothing was done about are not listed");
  const none = renderSummary({ ...summary, targets: idle, slowest: [] }, { look: plainLook });
  expect(none).not.toContain("IMAGE");
});
