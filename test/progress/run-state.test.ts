import { expect, test } from "bun:test";
import { digestOf } from "../../src/oci/digest.ts";
import type { UntimedEvent } from "../../src/progress/event.ts";
import { applyEvent, createRunState, type RunState } from "../../src/progress/run-state.ts";
import { currentStep, transferOf } from "../../src/progress/step-state.ts";
import {
  at,
  done,
  endStep,
  log,
  reduceEvents,
  script,
  scriptEnd,
  start,
  startStep,
} from "./script.ts";

const target = "a:1 linux/amd64";

function play(...events: readonly UntimedEvent[]) {
  return reduceEvents(events.map((event, index) => at(index, event)));
}

test("reduceEvents() knows what became of every target", () => {
  expect(kinds(reduceEvents(script.slice(0, 3)))).toEqual(Array(7).fill("waiting"));
  expect(kinds(reduceEvents(script))).toEqual([
    "cached",
    "built",
    "running",
    "running",
    "failed",
    "skipped",
    "waiting",
  ]);
  const end = reduceEvents([...script, ...scriptEnd]);
  expect(kinds(end)).toEqual([
    "cached",
    "built",
    "built",
    "built",
    "failed",
    "skipped",
    "canceled",
  ]);
  expect(end.end).toEqual({ ok: false, duration: 60_500 });
  expect(end.startedAt).toBe(start);
});

test("applyEvent() forgets what a build did that was lost", () => {
  const step = "s";
  const lost = [
    { type: "target.start", target, node: "tcp://a:1" },
    { type: "step.start", target, step, name: "[1/1] RUN make" },
    { type: "step.log", target, step, stream: 1, text: "half\n" },
    { type: "target.retry", target, node: "tcp://a:1", reason: "The connection\nwas lost" },
  ] satisfies UntimedEvent[];
  const state = play(...lost).targets.get(target);
  expect(state).toMatchObject({
    status: { kind: "waiting", because: "The connection was lost" },
    output: [],
  });
  expect([state?.steps.size, state?.node]).toEqual([0, undefined]);
  const again = play(...lost, { type: "target.start", target, node: "tcp://b:1" });
  expect(again.targets.get(target)).toMatchObject({
    status: { kind: "running" },
    node: "tcp://b:1",
  });
});

for (const [name, events, status] of [
  ["start", [{ type: "target.start", target }], { kind: "running", startedAt: start }],
  [
    "success",
    [done(target, 5, false, 9)],
    { kind: "built", size: 5, duration: 9, digest: digestOf(target) },
  ],
  [
    "a cached result",
    [done(target, 5, true, 9)],
    { kind: "cached", size: 5, duration: 9, digest: digestOf(target) },
  ],
  [
    "cancellation",
    [{ type: "target.failed", target, message: "x", canceled: true, duration: 3 }],
    { kind: "canceled", duration: 3 },
  ],
  [
    "a skip",
    [{ type: "target.skipped", target, because: "b:1\nfailed" }],
    { kind: "skipped", because: "b:1 failed" },
  ],
] satisfies [string, UntimedEvent[], object][]) {
  test(`applyEvent() notes ${name} of a target that no plan announced`, () => {
    const state = play(...events);
    expect(state.targets.get(target)).toMatchObject({
      reference: "a:1",
      platform: "linux/amd64",
      status,
    });
  });
}

for (const [name, event, status] of [
  ["done", endStep(target, "s", 5), "done"],
  ["cached", endStep(target, "s", 5, true), "cached"],
  ["failed", { ...endStep(target, "s", 5), error: "exit code: 1" } as UntimedEvent, "failed"],
  [
    "canceled",
    { ...endStep(target, "s", 5), error: "context canceled", canceled: true } as UntimedEvent,
    "canceled",
  ],
  ["running again", startStep(target, "s", "[1/2] RUN x"), "running"],
] as const) {
  test(`applyEvent() notes that a step is ${name}`, () => {
    const state = play(startStep(target, "s", "[1/2] RUN x"), event);
    expect(state.targets.get(target)?.steps.get("s")).toMatchObject({ status });
  });
}

test("applyEvent() returns the lines that an event completed, the last one at the step's end", () => {
  const state = createRunState();
  const lines = [
    startStep(target, "s", "[1/2] RUN x"),
    log(target, "s", "one\ntw"),
    log(target, "s", "o\nthree"),
    endStep(target, "s", 5),
  ].map((event) => applyEvent(state, at(0, event)));
  expect(lines).toEqual([[], ["one"], ["two"], ["three"]]);
});

test("applyEvent() keeps output of the failed step only", () => {
  const running = [
    startStep(target, "ok", "[1/2] RUN x"),
    startStep(target, "bad", "[2/2] RUN y"),
    startStep(target, "other", "[2/2] RUN z"),
    ...["ok", "bad", "other"].map((step) => log(target, step, "line\n".repeat(500))),
  ];
  const failed = { ...endStep(target, "bad", 5), error: "exit code: 1" } as UntimedEvent;
  const steps = play(...running, endStep(target, "ok", 5), failed, {
    type: "target.failed",
    target,
    message: "x",
    canceled: false,
    duration: 3,
  }).targets.get(target)?.steps;
  expect([...(steps?.values() ?? [])].map((step) => step.log.lines.length)).toEqual([0, 200, 0]);
});

test("applyEvent() keeps the last lines of a target over its steps while it runs", () => {
  const events = [
    startStep(target, "one", "[1/2] RUN x"),
    log(target, "one", "a\n".repeat(60)),
    endStep(target, "one", 5),
    startStep(target, "two", "[2/2] RUN y"),
    log(target, "two", "b\nunfinished"),
  ];
  expect(play(...events).targets.get(target)?.output).toEqual([...Array(49).fill("a"), "b"]);
  expect(play(...events, done(target, 1, false, 1)).targets.get(target)?.output).toEqual([]);
});

test("applyEvent() sums transfers that are under way", () => {
  expect(transfer()).toBeUndefined();
  expect(transfer(progress("a", 5, 10), progress("b", 1, 4))).toEqual({ current: 6, total: 14 });
  expect(transfer(progress("a", 5, 10), progress("b", 1, 0))).toEqual({ current: 6, total: 0 });
  expect(transfer(progress("a", 5, 10), progress("a", 7, 10))).toEqual({ current: 7, total: 10 });
  expect(transfer(progress("a", 5, 10), progress("a", 10, 10, true))).toBeUndefined();
});

test("currentStep() prefers an instruction that runs", () => {
  const steps = (...events: readonly UntimedEvent[]) =>
    play(...events).targets.get(target)?.steps ?? new Map();
  const load = startStep(target, "i", "[internal] load build context");
  const run = startStep(target, "r", "[2/2] RUN x");
  expect(currentStep(steps(load))?.name.label).toBe("load build context");
  expect(currentStep(steps(load, run))?.name.label).toBe("RUN x");
  expect(currentStep(steps(load, run, endStep(target, "r", 1)))?.name.label).toBe(
    "load build context",
  );
  expect(currentStep(steps(run, endStep(target, "r", 1)))).toBeUndefined();
});

function kinds(state: RunState) {
  return [...state.targets.values()].map(({ status }) => status.kind);
}

function progress(item: string, current: number, total: number, finished = false): UntimedEvent {
  return { type: "step.progress", target, step: "s", item, current, total, done: finished };
}

function transfer(...events: readonly UntimedEvent[]) {
  const state = play(startStep(target, "s", "[1/2] FROM x"), ...events);
  const step = state.targets.get(target)?.steps.get("s");
  return step === undefined ? undefined : transferOf(step);
}
