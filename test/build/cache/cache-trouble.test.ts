import { expect, test } from "bun:test";
import {
  type CacheTrouble,
  cacheTroubleOf,
  watchTrouble,
} from "../../../src/build/cache/cache-trouble.ts";
import type { StepDone, StepEvent } from "../../../src/buildkit/status/step-event.ts";

const importing = "importing cache manifest from registry.test/cache:x";
const exporting = "exporting cache to registry";

function done(name: string, error: string): StepDone {
  return { type: "done", step: name, name, cached: false, duration: 1, error, canceled: false };
}

function watched(events: readonly StepEvent[], patience?: number) {
  const found: CacheTrouble[] = [];
  const watch = watchTrouble((trouble) => found.push(trouble), patience);
  return { found, watch, shown: events.map((event) => watch.onStep(event)) };
}

test("a cache that fails is told, and is no step that failed", () => {
  using run = watched([done(importing, "refused"), done(exporting, "denied")]).watch;
  const { found, shown } = watched([done(importing, "refused"), done(exporting, "denied")]);
  expect(found).toEqual([
    { direction: "import", reason: "refused" },
    { direction: "export", reason: "denied" },
  ]);
  for (const event of shown) expect(event).not.toHaveProperty("error");
  expect(run.signal.aborted).toBeFalse();
});

test("a cache that nobody wrote yet is no trouble", () => {
  const { found, shown } = watched([done(importing, "registry.test/cache:x: not found")]);
  expect(found).toEqual([]);
  expect(shown[0]).not.toHaveProperty("error");
});

test("other steps that fail are shown as they are", () => {
  const event = done("[1/2] RUN exit 1", "exit code: 1");
  expect(watched([event])).toMatchObject({ found: [], shown: [event] });
});

test("a cache that does not answer is given up, one whose manifest came is not", async () => {
  const started: StepEvent = { type: "started", step: importing, name: importing };
  const silent = watched([started], 10);
  const progress = {
    type: "progress",
    step: importing,
    item: "manifest",
    current: 0,
    total: 0,
  } as const;
  const slow = watched([started, { ...progress, done: true }], 10);
  await Bun.sleep(50);
  expect(silent.watch.signal.aborted).toBeTrue();
  expect(silent.found).toEqual([
    { direction: "import", reason: "it did not answer within 0.01 s" },
  ]);
  expect(slow.watch.signal.aborted).toBeFalse();
});

test("an export that is tried again and again is given up", () => {
  const started: StepEvent = { type: "started", step: "x", name: exporting };
  const retry: StepEvent = { type: "log", step: "x", stream: 2, text: "error: 503" };
  expect(watched([started, retry, retry]).watch.signal.aborted).toBeFalse();
  const { watch, found } = watched([started, retry, retry, retry, retry]);
  expect(watch.signal.aborted).toBeTrue();
  expect(found).toEqual([{ direction: "export", reason: "503" }]);
  expect(watched([retry, retry, retry]).watch.signal.aborted).toBeFalse();
});

test.each([
  ["failed to configure gha cache exporter: token is malformed", "export"],
  ["failed to copy: httpReadSeeker: failed open: not found", "import"],
  ['process "/bin/sh -c false" did not complete successfully: exit code: 1', undefined],
] as const)("cacheTroubleOf(%s) is %s", (message, direction) => {
  expect(cacheTroubleOf(message)?.direction).toBe(direction);
});
