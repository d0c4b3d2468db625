import { describe, expect, test } from "bun:test";
import { createStepRecord } from "../../../src/build/target/step-record.ts";

function recordOf(
  ...steps: { name: string; cached: boolean }[]
): ReturnType<typeof createStepRecord> {
  const record = createStepRecord();
  for (const [index, step] of steps.entries()) {
    record.push({ type: "done", step: String(index), duration: 0, ...step });
  }
  return record;
}

describe("StepRecord", () => {
  test.each([
    { name: "[1/2] RUN make", cached: false, expected: false },
    { name: "[1/2] RUN make", cached: true, expected: true },
    { name: "[build 2/3] COPY . .", cached: false, expected: false },
    { name: "[linux/arm64 build 2/3] RUN x", cached: false, expected: false },
    { name: "[1/2] FROM docker.io/library/debian:12", cached: false, expected: true },
    { name: "[internal] load build context", cached: false, expected: true },
    { name: "exporting to image", cached: false, expected: true },
    {
      name: "[context __hive__/base:1] load metadata for 127.0.0.1:5000/base:1",
      cached: false,
      expected: true,
    },
  ])("isCached() is $expected after $name, cached: $cached", ({ name, cached, expected }) => {
    expect(recordOf({ name, cached }).isCached()).toBe(expected);
  });

  test("restart() forgets what was said, but not that steps ran", () => {
    const record = recordOf({ name: "[1/2] RUN make", cached: false });
    record.restart();
    expect(record.describe("0")).toBeUndefined();
    record.push({ type: "done", step: "0", name: "[1/2] RUN make", cached: true, duration: 0 });
    expect(record.isCached()).toBe(false);
  });

  test("describe() keeps a step's name and its last lines", () => {
    const record = createStepRecord();
    record.push({ type: "started", step: "a", name: "[1/1] RUN loud" });
    for (let line = 1; line <= 250; line++)
      record.push({ type: "log", step: "a", stream: 1, text: String(line) });
    expect(record.describe("a")).toMatchObject({ name: "[1/1] RUN loud" });
    expect(record.describe("a")?.log).toHaveLength(200);
    expect(record.describe("a")?.log.at(-1)).toBe("250");
    expect(record.describe("b")).toBeUndefined();
  });

  test("fetchedBytes() counts layers of the Dockerfile's own steps, each once, and no others", () => {
    const record = createStepRecord();
    const fetch = (step: string, item: string, current: number): void =>
      record.push({ type: "progress", step, item, current, total: 10, done: current === 10 });
    record.push({ type: "started", step: "run", name: "[2/2] RUN make" });
    record.push({ type: "started", step: "base", name: "[1/2] FROM docker.io/library/debian:12" });
    fetch("run", "sha256:a", 4);
    fetch("run", "sha256:a", 10);
    fetch("run", "sha256:b", 7);
    fetch("run", "extracting", 9);
    fetch("base", "sha256:c", 10);
    expect(record.fetchedBytes()).toBe(17);
  });
});
