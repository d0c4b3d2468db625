import { expect, test } from "bun:test";
import type { TransferEvent } from "../../../src/progress/transfer/transfer-event.ts";
import { createTransferPlainDisplay } from "../../../src/progress/transfer/transfer-plain-display.ts";
import {
  applyTransferEvent,
  createTransferState,
} from "../../../src/progress/transfer/transfer-state.ts";
import { createFakeClock, createFakeOutput, plainLook, start } from "../script.ts";
import { at, big, startImage, transferScript, transferScriptEnd } from "./transfer-script.ts";

function play(events: readonly TransferEvent[]) {
  const output = createFakeOutput();
  const clock = createFakeClock();
  const display = createTransferPlainDisplay(output, { look: plainLook, clock });
  const state = createTransferState();
  for (const event of events) {
    clock.advanceTo((event.time - start) / 1000);
    applyTransferEvent(state, event);
    display.onEvent(event, state);
  }
  return { output, clock, display };
}

test("createTransferPlainDisplay() writes a line for each image that begins to move, and for each that ends", () => {
  const { output, clock } = play([...transferScript, ...transferScriptEnd]);
  expect(`\n${output.text()}`).toMatchSnapshot();
  expect(clock.pending).toBe(0);
});

test("createTransferPlainDisplay() says every 30 silent seconds how far it is", () => {
  const { output, clock, display } = play(transferScript);
  const { length } = output.writes;
  clock.advanceTo(31);
  expect(output.writes).toHaveLength(length);
  clock.advanceTo(62);
  expect(output.writes.slice(length)).toEqual([
    "still copying after 31s: 2/6 images, 73.0 MB / 214 MB (34%); new.test/team/app:1.4.0 31%; new.test/team/web:7 90%\n",
    "still copying after 1m01s: 2/6 images, 73.0 MB / 214 MB (34%); new.test/team/app:1.4.0 31%; new.test/team/web:7 90%\n",
  ]);
  display.close();
  expect(clock.pending).toBe(0);
});

test("createTransferPlainDisplay() says rate and time left while bytes move", () => {
  const progress = Array.from({ length: 30 }, (_, second) =>
    at(second + 1, { type: "blob.progress", digest: big, sent: (second + 1) * 1_000_000 }),
  );
  const { output, clock } = play([
    at(0, { type: "transfer.start", version: "0.1.0", action: "copy" }),
    at(0, startImage("a:1")),
    at(0, { type: "blob.start", image: "a:1", digest: big, size: 100_000_000 }),
    ...progress,
  ]);
  clock.advanceTo(30);
  expect(output.writes.at(-1)).toBe(
    "still copying after 30s: 0/1 image, 29.0 MB / 100 MB (29%), 1.0 MB/s, eta ~1m11s; new.test/team/a:1 29%\n",
  );
});

test("createTransferPlainDisplay() lets no name or message move the cursor", () => {
  const { output } = play([
    at(0, {
      type: "image.start",
      id: "a",
      from: "old.test/\u001B[2Ja",
      to: "new.test/a\n::error::",
    }),
    at(0, { type: "blob.start", image: "a", digest: big, size: 1 }),
    at(1, { type: "image.failed", id: "a", message: "no\u001B]0;title\u0007\r\nmore\u009B2J" }),
    at(2, { type: "warning", message: "\u202Eodd" }),
  ]);
  expect(output.text().split("\n")).toEqual([
    "old.test/a → new.test/a ::error::",
    "✖ new.test/a ::error:: failed after 1.0s: no",
    "    more",
    "warning: odd",
    "",
  ]);
});
