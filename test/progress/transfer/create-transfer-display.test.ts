import { expect, test } from "bun:test";
import { HiveError } from "../../../src/base/hive-error.ts";
import type { DisplayMode } from "../../../src/progress/display-mode.ts";
import { createTransferDisplay } from "../../../src/progress/transfer/create-transfer-display.ts";
import { createFakeClock, createFakeOutput } from "../script.ts";
import { at, big, startImage, transferScript, transferScriptEnd } from "./transfer-script.ts";

const env = { LANG: "C.UTF-8", TERM: "xterm" };
const whole = [...transferScript, ...transferScriptEnd];

function run(mode: DisplayMode, isTTY: boolean, events = whole, more = {}) {
  const output = { ...createFakeOutput(), isTTY };
  const clock = createFakeClock();
  using display = createTransferDisplay(mode, { output, env: { ...env, ...more }, clock });
  for (const event of events) display.onEvent(event);
  return { text: output.writes.join(""), writes: output.writes, state: display.state, clock };
}

test("createTransferDisplay() auto is the live view on a terminal and the log elsewhere and in CI", () => {
  expect(run("auto", true).text).toContain("\u001B[?2026h");
  expect(run("auto", false).text).toContain("new.test/team/web:7 done ");
  expect(run("auto", false).text).not.toContain("\u001B");
  expect(run("auto", true, whole, { CI: "true" }).text).not.toContain("\u001B[?2026h");
  expect(run("auto", true, whole, { NO_COLOR: "1" }).text).not.toContain("\u001B[3");
});

test("createTransferDisplay() refuses a live view without a terminal", () => {
  expect(() => run("tty", false)).toThrow(HiveError);
});

test("createTransferDisplay() leaves no timer in any mode", () => {
  for (const mode of ["tty", "plain", "rawjson", "quiet", "none"] as const) {
    const { state, clock } = run(mode, true);
    expect(state.end).toEqual({ ok: false, duration: 60_500 });
    expect(clock.pending).toBe(0);
  }
});

test("createTransferDisplay() none writes nothing, quiet failures only", () => {
  expect(run("none", true).writes).toEqual([]);
  expect(run("quiet", false).text).toBe(
    "✖ new.test/team/tools:2 failed after 1.3s: Cannot copy old.test/team/tools:2: it is not there\n    hint: look at the tags\n",
  );
});

test("createTransferDisplay() rawjson writes every event as a line, and of progress ten a second", () => {
  const lines = run("rawjson", true).text.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
    whole.map((event) => ({ v: 1, ...event })),
  );
  const fast = Array.from({ length: 1000 }, (_, index) =>
    at(index / 1000, { type: "blob.progress", digest: big, sent: index }),
  );
  const events = [
    at(0, { type: "blob.start", image: "a", digest: big, size: 1000 } as const),
    ...fast,
  ];
  expect(run("rawjson", true, [at(0, startImage("a")), ...events]).writes).toHaveLength(12);
});
