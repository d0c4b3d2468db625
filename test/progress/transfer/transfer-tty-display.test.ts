import { expect, test } from "bun:test";
import type { Look } from "../../../src/progress/terminal.ts";
import type { TransferEvent } from "../../../src/progress/transfer/transfer-event.ts";
import {
  applyTransferEvent,
  createTransferState,
} from "../../../src/progress/transfer/transfer-state.ts";
import { createTransferTtyDisplay } from "../../../src/progress/transfer/transfer-tty-display.ts";
import { openScreen } from "../open-screen.ts";
import { asciiLook, colorLook, createFakeClock, plainLook, start } from "../script.ts";
import {
  at,
  big,
  doneImage,
  startImage,
  transferScript,
  transferScriptEnd,
} from "./transfer-script.ts";

function open(columns: number, rows: number, look: Look = plainLook) {
  const terminal = openScreen(columns, rows);
  const { output } = terminal;
  const clock = createFakeClock();
  const display = createTransferTtyDisplay(output, { look, clock });
  const state = createTransferState();
  const play = (events: readonly TransferEvent[]): void => {
    for (const event of events) {
      clock.advanceTo((event.time - start) / 1000);
      applyTransferEvent(state, event);
      display.onEvent(event, state);
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
  test(`createTransferTtyDisplay() shows what moves on ${columns}x${rows} in ${name}`, () => {
    const { screen, clock, play } = open(columns, rows, look);
    play(transferScript);
    clock.advanceTo(4.8);
    expect(`\n${screen.visible().join("\n")}\n`).toMatchSnapshot();
    const live = screen
      .visible()
      .slice(screen.visible().findIndex((line) => line.startsWith(" copying")));
    for (const line of live) expect(Bun.stringWidth(line)).toBeLessThan(columns);
    expect(screen.visible().length).toBeLessThan(rows);
  });
}

test("createTransferTtyDisplay() in colour shows the same", () => {
  const plain = open(80, 24);
  const colored = open(80, 24, colorLook);
  for (const view of [plain, colored]) {
    view.play(transferScript);
    view.clock.advanceTo(4.8);
  }
  expect(colored.output.text()).toContain("\u001B[36m");
  expect(plain.output.text()).not.toContain("\u001B[3");
  expect(colored.screen.lines()).toEqual(plain.screen.lines());
});

test("createTransferTtyDisplay() leaves failures, warnings and what was done behind", () => {
  const { screen, clock, play } = open(120, 24);
  play([...transferScript, ...transferScriptEnd]);
  expect(screen.lines()).toEqual([
    "warning: old.test sends no digest",
    "✖ new.test/team/tools:2 failed after 1.3s: Cannot copy old.test/team/tools:2: it is not there",
    "    hint: look at the tags",
    "copied 2 images, 214 MB in 1m01s (3.5 MB/s), 1 unchanged, 1 failed, 2 not finished",
  ]);
  expect(screen.cursorVisible).toBe(true);
  expect(screen.wraps).toBe(true);
  expect(screen.held).toBe(false);
  expect(clock.pending).toBe(0);
});

test("createTransferTtyDisplay() gives the terminal back in the middle, as at Ctrl-C", () => {
  const { screen, output, clock, display, play } = open(80, 24);
  play(transferScript);
  expect(screen.cursorVisible).toBe(false);
  display.close();
  expect(screen.cursorVisible).toBe(true);
  expect(screen.wraps).toBe(true);
  expect(screen.lines().filter((line) => line.includes("copying"))).toEqual([]);
  expect(clock.pending).toBe(0);
  const { length } = output.writes;
  display.close();
  play(transferScriptEnd);
  clock.advanceTo(100);
  expect(output.writes).toHaveLength(length);
});

for (const [columns, rows] of [
  [50, 24],
  [120, 24],
  [80, 12],
  [45, 8],
] as const) {
  test(`createTransferTtyDisplay() survives a resize from 80x24 to ${columns}x${rows}`, () => {
    const { screen, clock, play, resize } = open(80, 24);
    const fresh = open(columns, rows);
    // Without lines that stay above: they would be wrapped at another width.
    const events = transferScript.filter(
      ({ type }) => type !== "image.failed" && type !== "warning",
    );
    play(events);
    fresh.play(events);
    resize(columns, rows);
    clock.advanceTo(5);
    fresh.clock.advanceTo(5);
    expect(screen.visible()).toEqual(fresh.screen.visible());
  });
}

test("createTransferTtyDisplay() draws no more than ten frames a second, however fast bytes come", () => {
  const { output, play } = open(80, 24);
  const events = Array.from({ length: 1000 }, (_, index) =>
    at(index / 1000, { type: "blob.progress", digest: big, sent: index }),
  );
  play([
    at(0, startImage("a:1")),
    at(0, { type: "blob.start", image: "a:1", digest: big, size: 1000 }),
    ...events,
  ]);
  expect(output.writes.length).toBeGreaterThan(5);
  expect(output.writes.length).toBeLessThanOrEqual(11);
});

test("createTransferTtyDisplay() collapses what is finished and what has no room", () => {
  const { screen, clock, play } = open(60, 10);
  const ids = Array.from({ length: 30 }, (_, index) => `image-${index}:1`);
  play([
    at(0, { type: "transfer.start", version: "0.1.0", action: "push" }),
    at(0, { type: "transfer.plan", images: 50 }),
    ...ids.map((id) => at(0, startImage(id))),
    ...ids.slice(0, 10).map((id) => at(0.5, doneImage(id, 5))),
  ]);
  clock.advanceTo(1);
  expect(screen.visible().map((line) => line.replace(/^ \S .*(image-\d+).*/, "$1").trim())).toEqual(
    [
      "pushing  10/50 images  1s",
      "… 10 more finished",
      "image-10",
      "image-11",
      "image-12",
      "image-13",
      "image-14",
      "image-15",
      "… 14 more under way",
    ],
  );
  play(ids.slice(10, 29).map((id) => at(2, doneImage(id, 0))));
  clock.advanceTo(3.1);
  expect(screen.visible().map((line) => line.replace(/^ \S .*(image-\d+).*/, "$1").trim())).toEqual(
    [
      "pushing  29/50 images  19 unchanged  3s",
      "… 26 more finished",
      "image-26",
      "image-27",
      "image-28",
      "image-29",
    ],
  );
});
