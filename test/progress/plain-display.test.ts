import { expect, test } from "bun:test";
import { createPlainDisplay } from "../../src/progress/plain-display.ts";
import type { BuildEvent } from "../../src/progress/event.ts";
import { applyEvent, createRunState } from "../../src/progress/run-state.ts";
import type { CiVendor } from "../../src/progress/terminal.ts";
import {
  at,
  createFakeClock,
  createFakeOutput,
  log,
  plainLook,
  script,
  scriptEnd,
  start,
  startStep,
} from "./script.ts";

function play(events: readonly BuildEvent[], ci?: CiVendor) {
  const output = createFakeOutput();
  const clock = createFakeClock();
  const display = createPlainDisplay(output, { look: plainLook, clock, ci });
  const state = createRunState();
  for (const event of events) {
    clock.advanceTo((event.time - start) / 1000);
    display.onEvent(event, state, applyEvent(state, event));
  }
  return { output, clock, display };
}

test("createPlainDisplay() writes a line for all that matters in a run", () => {
  const { output, clock, display } = play([...script, ...scriptEnd]);
  expect(output.text()).toMatchSnapshot();
  display.close();
  expect(clock.pending).toBe(0);
});

test("createPlainDisplay() says every 30 silent seconds that it is alive", () => {
  const { output, clock, display } = play(script);
  const before = output.writes.length;
  clock.advanceTo(37.5);
  expect(output.writes.length).toBe(before);
  clock.advanceTo(100);
  expect(output.writes.slice(before)).toEqual([
    "still running after 37s, 4/7 done; python:3.13-slim linux/amd64 load build context (29s, 12.3 MB); python:3.13-slim linux/arm64 [4/7] RUN pip install -r requirements.txt (31s)\n",
    "still running after 1m07s, 4/7 done; python:3.13-slim linux/amd64 load build context (59s, 12.3 MB); python:3.13-slim linux/arm64 [4/7] RUN pip install -r requirements.txt (1m01s)\n",
    "still running after 1m37s, 4/7 done; python:3.13-slim linux/amd64 load build context (1m29s, 12.3 MB); python:3.13-slim linux/arm64 [4/7] RUN pip install -r requirements.txt (1m31s)\n",
  ]);
  display.close();
  expect(clock.pending).toBe(0);
});

test("createPlainDisplay() announces a silent step when it takes time, and its lines after that", () => {
  const { output, clock } = play([at(0, startStep("a:1 linux/amd64", "s", "[2/3] RUN sleep 60"))]);
  clock.advanceTo(0.4);
  expect(output.text()).toBe("");
  clock.advanceTo(5);
  expect(output.text()).toBe("[a:1 linux/amd64 2/3] RUN sleep 60\n");
});

test("createPlainDisplay() says on which of several nodes a target is built, and that it is built again", () => {
  const connected = { type: "connected", version: "v1", platforms: [] } as const;
  const target = "a:1 linux/amd64";
  const { output, clock } = play([
    at(0, { ...connected, address: "tcp://a:1" }),
    at(0, { ...connected, address: "tcp://b:1" }),
    at(0, { type: "target.start", target, node: "tcp://a:1" }),
    at(0, startStep(target, "s", "[2/3] RUN sleep 60")),
    at(0.1, { type: "target.retry", target, node: "tcp://a:1", reason: "It was lost" }),
    at(0.2, { type: "target.start", target, node: "tcp://b:1" }),
  ]);
  // A step of the lost build is announced no more.
  clock.advanceTo(5);
  expect(output.text().split("\n").slice(2)).toEqual([
    "[a:1 linux/amd64] on tcp://a:1",
    "[a:1 linux/amd64] lost, and built again: on tcp://a:1: It was lost",
    "[a:1 linux/amd64] on tcp://b:1",
    "",
  ]);
});

test("createPlainDisplay() says a warning that repeats once", () => {
  const warning = { type: "warning", message: "odd casing", file: "Dockerfile", line: 3 } as const;
  const { output } = play([
    at(0, { ...warning, target: "a:1 linux/amd64" }),
    at(0, { ...warning, target: "a:1 linux/arm64" }),
    at(0, { ...warning, target: "a:1 linux/amd64", line: 4, url: "http://docs.example/x" }),
  ]);
  expect(output.text()).toBe(
    "warning: Dockerfile:3: odd casing\nwarning: Dockerfile:4: odd casing (http://docs.example/x)\n",
  );
});

test("createPlainDisplay() lets no build output move the cursor or begin a line", () => {
  const evil = "\u001B[2J\u001B[H\u001B]0;title\u0007::error::x\u202Eabc\u0000\ttab\n::group::y\n";
  const { output } = play([
    at(0, startStep("a:1 linux/amd64", "s", "[2/3] RUN \u001B[31mevil\nlines")),
    at(0, log("a:1 linux/amd64", "s", evil)),
  ]);
  expect(output.text()).toBe(
    [
      "[a:1 linux/amd64 2/3] RUN evil lines",
      "[a:1 linux/amd64 2/3] ::error::xabc   tab",
      "[a:1 linux/amd64 2/3] ::group::y",
      "",
    ].join("\n"),
  );
});

test("createPlainDisplay() writes every line of a long output once", () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
  const { output } = play([
    at(0, startStep("a:1 linux/amd64", "s", "[2/3] RUN seq")),
    at(0, log("a:1 linux/amd64", "s", `${lines.join("\n")}\n`)),
  ]);
  const expected = lines.map((line) => `[a:1 linux/amd64 2/3] ${line}`);
  expect(output.text().trimEnd().split("\n").slice(1)).toEqual(expected);
});

for (const [ci, first, last] of [
  ["github", "::group::a:1 linux/amd64: last 60 lines of output", "::endgroup::"],
  [
    "gitlab",
    "\u001B[0Ksection_start:1700000001:hive_a_1_linux_amd64_last_60_lines_of_output[collapsed=true]\r\u001B[0Ka:1 linux/amd64: last 60 lines of output",
    "\u001B[0Ksection_end:1700000001:hive_a_1_linux_amd64_last_60_lines_of_output\r\u001B[0K",
  ],
] as const) {
  test(`createPlainDisplay() folds the long output of a failed step on ${ci}`, () => {
    const target = "a:1 linux/amd64";
    const { output } = play(
      [
        at(0, startStep(target, "s", "[2/3] RUN seq")),
        at(0, log(target, "s", Array.from({ length: 60 }, (_, index) => `${index}\n`).join(""))),
        at(1, { type: "step.done", target, step: "s", cached: false, duration: 1000, error: "no" }),
        at(1, { type: "target.failed", target, message: "no", canceled: false, duration: 1 }),
      ],
      ci,
    );
    const lines = output.text().split("\n");
    const begin = lines.indexOf(first);
    expect(lines.slice(begin + 1, begin + 3)).toEqual(["  │ 0", "  │ 1"]);
    expect(lines[begin + 61]).toBe(last);
    // The block itself shows the last 40.
    expect(lines.slice(begin + 62, begin + 66)).toEqual([
      "✖ a:1 linux/amd64 failed after 0.0s",
      "  [2/3] RUN seq",
      "  │ … 20 lines before",
      "  │ 20",
    ]);
  });
}
