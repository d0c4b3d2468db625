import { expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { createDisplay } from "../../src/progress/create-display.ts";
import type { DisplayMode } from "../../src/progress/display-mode.ts";
import { summarize } from "../../src/progress/summarize.ts";
import {
  at,
  colorLook,
  createFakeClock,
  createFakeOutput,
  log,
  script,
  scriptEnd,
} from "./script.ts";

const env = { LANG: "C.UTF-8", TERM: "xterm" };

function run(mode: DisplayMode, isTTY: boolean, events = [...script, ...scriptEnd]) {
  const output = { ...createFakeOutput(), isTTY };
  const clock = createFakeClock();
  using display = createDisplay(mode, { output, env, clock });
  for (const event of events) display.onEvent(event);
  return { text: output.writes.join(""), writes: output.writes, state: display.state, clock };
}

test("createDisplay() auto is the live view on a terminal and the log elsewhere", () => {
  expect(run("auto", true).text).toContain("\u001B[?2026h");
  expect(run("auto", false).text).toContain("[tools:2 linux/amd64 build 3/5] RUN make\n");
  expect(run("auto", false).text).not.toContain("\u001B");
});

test("createDisplay() refuses a live view without a terminal", () => {
  expect(() => run("tty", false)).toThrow(HiveError);
});

test("createDisplay() knows in every mode what came of the run, and leaves no timer", () => {
  const expected = summarize(run("none", false).state);
  expect(expected.targets).toHaveLength(7);
  for (const mode of ["tty", "plain", "rawjson", "quiet", "none"] as const) {
    const { state, clock } = run(mode, true);
    expect(summarize(state)).toEqual(expected);
    expect(clock.pending).toBe(0);
  }
});

test("createDisplay() none writes nothing", () => {
  expect(run("none", true).writes).toEqual([]);
});

test("createDisplay() quiet writes failures only", () => {
  expect(run("quiet", false).text).toMatchSnapshot();
  const fine = script.filter(({ type }) => type !== "target.failed");
  expect(run("quiet", false, fine).writes).toEqual([]);
});

test("createDisplay() rawjson writes every event as a line", () => {
  const evil = at(0, log("a:1 linux/amd64", "s", "\u001B[2J\u009B31m\u0085\u2028\n\u007F"));
  const events = [...script, evil];
  const { text } = run("rawjson", true, events);
  expect(text).toEndWith("\n");
  const lines = text.slice(0, -1).split("\n");
  expect(lines).toHaveLength(events.length);
  for (const [index, line] of lines.entries()) {
    expect(JSON.parse(line)).toEqual({ v: 1, ...events[index] });
  }
  // Nothing in it is a command to a terminal.
  expect(lines.join("")).not.toMatch(/[\p{Cc}\u2028]/u);
});

test("createDisplay() colours as told", () => {
  const output = { ...createFakeOutput(), isTTY: false };
  using display = createDisplay("plain", { output, env, look: colorLook });
  for (const event of script) display.onEvent(event);
  expect(output.writes.join("")).toContain("\u001B[31m");
});
