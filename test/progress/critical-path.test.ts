import { expect, test } from "bun:test";
import { criticalPath } from "../../src/progress/critical-path.ts";
import { at, done, reduceEvents } from "./script.ts";

type Row = readonly [id: string, duration: number | undefined, ...needs: string[]];

function pathOf(...rows: readonly Row[]) {
  const targets = rows.map(([id, , ...needs]) => ({ id, reference: id, platform: "", needs }));
  const ends = rows.flatMap(([id, duration]) =>
    duration === undefined ? [] : [at(1, done(id, 1, false, duration))],
  );
  return criticalPath([
    ...reduceEvents([at(0, { type: "plan", targets }), ...ends]).targets.values(),
  ]);
}

for (const [name, rows, targets, duration] of [
  ["nothing", [], [], 0],
  ["one target", [["a", 5]], ["a"], 5],
  [
    "the longest of independent targets",
    [
      ["a", 5],
      ["b", 7],
      ["c", 6],
    ],
    ["b"],
    7,
  ],
  [
    "the slower of two needs",
    [
      ["a", 5],
      ["b", 7],
      ["c", 1, "a", "b"],
    ],
    ["b", "c"],
    8,
  ],
  [
    "the slower need when it is named first",
    [
      ["a", 7],
      ["b", 5],
      ["c", 1, "a", "b"],
    ],
    ["a", "c"],
    8,
  ],
  [
    "a long chain over one slow target",
    [
      ["a", 5],
      ["b", 5, "a"],
      ["c", 9],
    ],
    ["a", "b"],
    10,
  ],
  [
    "what ran of a chain that was not finished",
    [
      ["a", 5],
      ["b", undefined, "a"],
    ],
    ["a"],
    5,
  ],
  ["a need that is not in the plan", [["a", 5, "gone"]], ["a"], 5],
] satisfies [string, Row[], string[], number][]) {
  test(`criticalPath() finds ${name}`, () => {
    expect(pathOf(...rows)).toEqual({ targets, duration });
  });
}
