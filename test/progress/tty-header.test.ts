import { expect, test } from "bun:test";
import { renderHeader } from "../../src/progress/tty-header.ts";
import { asciiLook, at, done, plainLook, reduceEvents, script, start } from "./script.ts";

const now = start + 134_000;

for (const [columns, header] of [
  [79, " hive build  4/7 done  1 cached  2 running  1 failed  1 skipped  2m14s"],
  [60, " 4/7 done  1 cached  2 running  1 failed  1 skipped  2m14s"],
  [50, " 4/7 done  2 running  1 failed  1 skipped  2m14s"],
  [40, " 4/7 done  2 running  1 failed  2m14s"],
  [30, " 4/7 done  1 failed  2m14s"],
  [20, " 4/7 done  1 failed"],
  [10, " 4/7 done"],
  [5, " 4/7…"],
] as const) {
  test(`renderHeader() says what matters most in ${columns} columns`, () => {
    expect(renderHeader(reduceEvents(script), { now, columns, look: plainLook })).toBe(header);
  });
}

test("renderHeader() says when it will be over, if that can be said", () => {
  const ids = Array.from({ length: 8 }, (_, index) => `a:${index} linux/amd64`);
  const targets = ids.map((id) => ({ id, reference: id, platform: "", needs: [] }));
  const events = [
    at(0, { type: "plan", targets } as const),
    ...ids.slice(0, 4).map((id) => at(1, done(id, 1, false, 1))),
  ];
  expect(renderHeader(reduceEvents(events), { now, columns: 80, look: asciiLook })).toBe(
    " hive build  4/8 done  2m14s  eta ~2m10s",
  );
});

test("renderHeader() has something to say before there is a plan", () => {
  const state = reduceEvents(script.slice(0, 1));
  expect(renderHeader(state, { now: start + 900, columns: 80, look: plainLook })).toBe(
    " hive build  starting  0s",
  );
});
