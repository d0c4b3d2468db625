import { expect, test } from "bun:test";
import type { BuildEvent } from "../../src/progress/event.ts";
import { applyEvent, createRunState } from "../../src/progress/run-state.ts";
import type { Look } from "../../src/progress/terminal.ts";
import { createTtyDisplay } from "../../src/progress/tty-display.ts";
import {
  asciiLook,
  at,
  colorLook,
  createFakeClock,
  done,
  log,
  plainLook,
  script,
  scriptEnd,
  start,
  startStep,
} from "./script.ts";
import { openScreen } from "./open-screen.ts";

function open(columns: number, rows: number, look: Look = plainLook) {
  const terminal = openScreen(columns, rows);
  const { output } = terminal;
  const clock = createFakeClock();
  const display = createTtyDisplay(output, { look, clock });
  const state = createRunState();
  const play = (events: readonly BuildEvent[]): void => {
    for (const event of events) {
      clock.advanceTo((event.time - start) / 1000);
      display.onEvent(event, state, applyEvent(state, event));
    }
  };
  return { ...terminal, clock, display, play };
}

for (const [columns, rows, name, look] of [
  [40, 10, "Unicode", plainLook],
  [80, 24, "Unicode", plainLook],
  [80, 24, "ASCII", asciiLook],
  [200, 50, "Unicode", plainLook],
] as const) {
  test(`createTtyDisplay() shows the graph on ${columns}x${rows} in ${name}`, () => {
    const { screen, clock, play } = open(columns, rows, look);
    play(script);
    clock.advanceTo(48);
    expect(`\n${screen.visible().join("\n")}\n`).toMatchSnapshot();
    for (const line of liveLines(screen.visible())) {
      expect(Bun.stringWidth(line)).toBeLessThan(columns);
    }
    expect(screen.visible().length).toBeLessThan(rows);
  });
}

test("createTtyDisplay() in colour shows the same", () => {
  const plain = open(80, 24);
  const colored = open(80, 24, colorLook);
  for (const view of [plain, colored]) {
    view.play(script);
    view.clock.advanceTo(48);
  }
  expect(colored.output.text()).toContain("\u001B[36m");
  expect(plain.output.text()).not.toContain("\u001B[3");
  expect(colored.screen.lines()).toEqual(plain.screen.lines());
});

test("createTtyDisplay() leaves the failures and nothing else behind", () => {
  const { screen, clock, play } = open(80, 24);
  play([...script, ...scriptEnd]);
  expect(`\n${screen.lines().join("\n")}\n`).toMatchSnapshot();
  expect(screen.cursorVisible).toBe(true);
  expect(screen.wraps).toBe(true);
  expect(screen.held).toBe(false);
  expect(screen.cursor.column).toBe(0);
  expect(clock.pending).toBe(0);
});

test("createTtyDisplay() gives the terminal back in the middle of a run", () => {
  const { screen, output, clock, display, play } = open(80, 24);
  play(script);
  expect(screen.cursorVisible).toBe(false);
  display.close();
  expect(screen.cursorVisible).toBe(true);
  expect(screen.wraps).toBe(true);
  expect(screen.held).toBe(false);
  expect(liveLines(screen.lines())).toEqual([]);
  expect(clock.pending).toBe(0);
  const { length } = output.writes;
  display.close();
  play(scriptEnd);
  clock.advanceTo(100);
  expect(output.writes).toHaveLength(length);
});

for (const [columns, rows] of [
  [50, 24],
  [120, 24],
  [80, 12],
  [45, 8],
  [80, 6],
  [120, 40],
] as const) {
  test(`createTtyDisplay() survives a resize from 80x24 to ${columns}x${rows}`, () => {
    const { screen, clock, play, resize } = open(80, 24);
    const fresh = open(columns, rows);
    // Without the failure: what stays above the live region would be wrapped at another width.
    const events = script.filter(({ type }) => type !== "target.failed" && type !== "warning");
    play(events);
    fresh.play(events);
    resize(columns, rows);
    clock.advanceTo(20);
    fresh.clock.advanceTo(20);
    expect(screen.visible()).toEqual(fresh.screen.visible());
    // Rows that a lower terminal pushed off the screen are out of reach.
    if (rows > 8) expect(screen.lines()).toEqual(fresh.screen.lines());
  });
}

test("createTtyDisplay() draws lines anew that a lower terminal has moved, though they are the same", () => {
  const { screen, clock, play, resize } = open(80, 24);
  const fresh = open(80, 6);
  play(script.slice(0, 3));
  fresh.play(script.slice(0, 3));
  clock.advanceTo(1.1);
  resize(80, 6);
  clock.advanceTo(1.5);
  fresh.clock.advanceTo(1.5);
  expect(screen.visible()).toEqual(fresh.screen.visible());
});

test("createTtyDisplay() says what a target still waits for", () => {
  const { screen, clock, play } = open(80, 24);
  const ids = ["a:1 linux/amd64", "b:1 linux/amd64", "c:1 linux/amd64", "d:1 linux/amd64"];
  const needs = [[], [], ids.slice(0, 2), ids.slice(0, 1)];
  play([
    at(0, {
      type: "plan",
      targets: ids.map((id, index) => ({
        id,
        reference: id.split(" ")[0] ?? "",
        platform: "linux/amd64",
        needs: needs[index] ?? [],
      })),
    }),
    at(1, done("a:1 linux/amd64", 1, false, 1)),
  ]);
  clock.advanceTo(2);
  expect(screen.visible().slice(2)).toEqual([
    " ◌ b:1  linux/amd64  queued",
    " ◌ c:1  linux/amd64  waiting for b:1",
    " ◌ d:1  linux/amd64  queued",
  ]);
});

test("createTtyDisplay() draws no more than ten frames a second", () => {
  const { output, play } = open(80, 24);
  const events = Array.from({ length: 1000 }, (_, index) =>
    at(index / 1000, log("a:1 linux/amd64", "s", `line ${index}\n`)),
  );
  play([at(0, { type: "target.start", target: "a:1 linux/amd64" }), ...events]);
  expect(output.writes.length).toBeGreaterThan(5);
  expect(output.writes.length).toBeLessThanOrEqual(11);
});

test("createTtyDisplay() writes only the lines that changed", () => {
  const { output, clock, play } = open(80, 24);
  play(script);
  clock.advanceTo(10);
  const { length } = output.writes;
  clock.advanceTo(10.3);
  const text = output.writes.slice(length).join("");
  expect(text).toContain("python:3.13-slim");
  expect(text).not.toContain("tools:2");
  expect(text).not.toContain("Downloading numpy");
});

test("createTtyDisplay() is still while nothing runs and the second is the same", () => {
  const { output, clock, play } = open(80, 24);
  play(script.slice(0, 3));
  clock.advanceTo(1.01);
  const { length } = output.writes;
  clock.advanceTo(1.99);
  expect(output.writes).toHaveLength(length);
  clock.advanceTo(2.3);
  expect(output.writes).toHaveLength(length + 1);
});

test("createTtyDisplay() says where a target is built among several nodes, and why it is built again", () => {
  const { screen, clock, play } = open(120, 24);
  const [here, there] = ["a:1 linux/amd64", "b:1 linux/amd64"];
  play([
    at(0, { type: "target.start", target: here, node: "tcp://one:1234" }),
    at(0, startStep(here, "s", "[2/3] RUN make")),
    at(0, { type: "target.start", target: there, node: "tcp://two:1234" }),
    at(0.5, { type: "target.retry", target: there, node: "tcp://two:1234", reason: "It was lost" }),
  ]);
  clock.advanceTo(1);
  const rows = screen.visible().map((line) => line.replace(/ +/g, " ").slice(3));
  expect(rows).toContain("a:1 linux/amd64 [2/3] RUN make on tcp://one:1234 1.0s");
  expect(rows).toContain("b:1 linux/amd64 to be built again: It was lost");
  expect(screen.lines()).toContain(
    "warning: b:1 linux/amd64 is built again, lost on tcp://two:1234: It was lost",
  );
});

test("createTtyDisplay() says a warning that repeats once", () => {
  const { screen, play } = open(120, 24);
  const warning = {
    type: "warning",
    target: "a:1 linux/amd64",
    message: "odd casing",
    file: "Dockerfile",
    line: 3,
  } as const;
  play([at(0, warning), at(1, warning), at(2, { ...warning, target: "a:1 linux/arm64" })]);
  expect(screen.lines().filter((line) => line.includes("odd casing"))).toEqual([
    "warning: Dockerfile:3: odd casing",
  ]);
});

const anyControl =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /\u001B\[[0-?]*[@-~]|[\u0000-\u0009\u000B\u000C\u000E-\u001F\u007F-\u009F]/g;
const ownControls = new Set(
  ["?2026h", "?2026l", "?25l", "?7l", "?7h", "A", "K", "J"].map((code) => `\u001B[${code}`),
);

test("createTtyDisplay() counts what a low terminal has no room for", () => {
  const { screen, clock, play } = open(60, 8);
  const ids = Array.from({ length: 30 }, (_, index) => `image-${index}:1 linux/amd64`);
  const [first = "", ...others] = ids;
  play([
    at(0, {
      type: "plan",
      targets: ids.map((id) => ({
        id,
        reference: id.split(" ")[0] ?? "",
        platform: "linux/amd64",
        needs: [],
      })),
    }),
    ...ids.slice(0, 25).map((target) => at(0, { type: "target.start", target })),
    ...others.slice(0, 9).map((id) => at(0.5, done(id, 1, false, 500))),
    at(0.6, { type: "target.failed", target: first, message: "no", canceled: true, duration: 1 }),
  ]);
  clock.advanceTo(1);
  const rows = screen.visible().map((line) => line.replace(/^ \S (image-\d+).*/, "$1").trim());
  expect(rows).toEqual([
    "hive build  10/30 done  15 running  0s",
    "… 10 more finished",
    "image-10",
    "image-11",
    "image-12",
    "… 12 more running",
    "… 5 more waiting",
  ]);
});

for (const [name, text, shown] of [
  ["cursor movements", "\u001B[10A\u001B[2Jhello\u001B[H\n", "hello"],
  ["titles and links", "\u001B]0;owned\u0007he\u001B]8;;http://x\u001B\\llo\n", "hello"],
  ["an unfinished escape", "hello\u001B]0;never ends\n", "hello0;never ends"],
  ["C1 controls", "\u009B2Jhe\u0085llo\n", "hello"],
  ["escapes in pieces", "\u001B[3", ""],
  ["bidirectional text", "\u202Eolleh\u2066\n", "olleh"],
  ["carriage returns", "1%\r50%\rhello\r\n", "hello"],
  ["tabs", "a\tb\n", "a       b"],
  ["wide characters", `${"你好".repeat(60)}\n`, `${"你好".repeat(17)}你…`],
  ["a line of a megabyte", "x".repeat(1_000_000), "x".repeat(60)],
  ["emoji", "👩‍👩‍👧 hello 🇩🇪\n", "👩‍👩‍👧 hello 🇩🇪"],
] as const) {
  test(`createTtyDisplay() isn't disturbed by ${name} in build output`, () => {
    const { screen, output, clock, play } = open(80, 24);
    const target = "a:1 linux/amd64";
    play([
      at(0, { type: "target.start", target }),
      at(0, startStep(target, "s", "[1/2] RUN evil")),
      at(0.5, log(target, "s", text)),
    ]);
    clock.advanceTo(2);
    const [header, row, ...rest] = screen.lines();
    expect(header).toStartWith(" hive build  0/1 done");
    expect(row).toContain("[1/2] RUN evil");
    expect(rest.at(-1) ?? "").toContain(shown);
    for (const line of screen.lines()) expect(Bun.stringWidth(line)).toBeLessThan(80);
    const controls = output.text().match(anyControl) ?? [];
    expect(controls.filter((code) => !ownControls.has(code.replace(/\d+A$/, "A")))).toEqual([]);
  });
}

function liveLines(lines: readonly string[]): readonly string[] {
  const header = lines.findLastIndex((line) => /^ .*\d+\/\d+ done/.test(line));
  return header < 0 ? [] : lines.slice(header);
}
