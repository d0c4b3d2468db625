import { expect, test } from "bun:test";
import { estimateRemaining } from "../../src/progress/estimate.ts";
import type { UntimedEvent } from "../../src/progress/event.ts";
import { at, done, reduceEvents, start } from "./script.ts";

function estimate(total: number, built: number, cached: number, running: number, seconds: number) {
  const ids = Array.from({ length: total }, (_, index) => `a:${index} linux/amd64`);
  const targets = ids.map((id) => ({ id, reference: id, platform: "", needs: [] }));
  const events: UntimedEvent[] = [
    { type: "plan", targets },
    ...ids.slice(0, built).map((id) => done(id, 1, false, 1)),
    ...ids.slice(built, built + cached).map((id) => done(id, 1, true, 1)),
    ...ids
      .slice(built + cached, built + cached + running)
      .map((target) => ({ type: "target.start", target }) as const),
  ];
  return estimateRemaining(
    reduceEvents(events.map((event) => at(0, event))),
    start + seconds * 1000,
  );
}

for (const [name, total, built, cached, running, seconds, remaining] of [
  ["half of the work is done", 20, 10, 0, 4, 100, 100_000],
  ["results from the cache say nothing about the pace", 30, 10, 10, 4, 100, 100_000],
  ["too few are built", 20, 2, 0, 4, 100, undefined],
  ["the part that is built is too small", 100, 10, 0, 4, 100, undefined],
  ["all that is left runs already", 14, 10, 0, 4, 100, undefined],
  ["all is done", 10, 10, 0, 0, 100, undefined],
  ["less than its own precision is left", 12, 10, 0, 1, 10, undefined],
] as const) {
  test(`estimateRemaining() is ${remaining} when ${name}`, () => {
    expect(estimate(total, built, cached, running, seconds)).toBe(remaining);
  });
}
