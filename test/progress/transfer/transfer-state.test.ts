import { expect, test } from "bun:test";
import {
  applyTransferEvent,
  createTransferState,
  totalImages,
  type TransferState,
} from "../../../src/progress/transfer/transfer-state.ts";
import type { TransferEvent } from "../../../src/progress/transfer/transfer-event.ts";
import {
  at,
  big,
  small,
  startImage,
  transferScript,
  transferScriptEnd,
} from "./transfer-script.ts";

function after(events: readonly TransferEvent[]): TransferState {
  const state = createTransferState();
  for (const event of events) applyTransferEvent(state, event);
  return state;
}

test("applyTransferEvent() counts bytes of the whole and of each image", () => {
  const state = after(transferScript);
  expect(totalImages(state)).toBe(6);
  expect([state.sent, state.total]).toEqual([73_000_000, 214_000_000]);
  const app = state.images.get("app:1.4.0");
  expect([app?.sent, app?.total]).toEqual([64_000_000, 204_000_000]);
  const end = after([...transferScript, ...transferScriptEnd]);
  expect([end.sent, end.total]).toEqual([214_000_000, 214_000_000]);
  expect(end.blobs.size).toBe(0);
});

test("applyTransferEvent() takes off what another repository had, begun or not", () => {
  const blob = { image: "a:1", digest: big, size: 100 } as const;
  const state = after([
    at(0, startImage("a:1")),
    at(0, { type: "blob.found", image: "a:1", digest: small, size: 7 }),
    at(0, { type: "blob.start", ...blob }),
    at(1, { type: "blob.progress", digest: big, sent: 60 }),
    at(2, { type: "blob.done", image: "a:1", digest: big, how: "there" }),
  ]);
  expect([state.sent, state.total]).toEqual([0, 7]);
  applyTransferEvent(
    state,
    at(3, { type: "blob.done", image: "a:1", digest: small, how: "there" }),
  );
  expect([state.sent, state.total]).toEqual([0, 0]);
});

test("applyTransferEvent() goes back where an upload began anew, and what it sends twice counts for the rate", () => {
  const state = after([
    at(0, startImage("a:1")),
    at(0, { type: "blob.start", image: "a:1", digest: big, size: 1000 }),
    at(1, { type: "blob.progress", digest: big, sent: 800 }),
    at(1, { type: "blob.progress", digest: big, sent: 0 }),
    at(2, { type: "blob.progress", digest: big, sent: 200 }),
  ]);
  expect(state.sent).toBe(200);
  expect(state.window.rate(at(2, startImage("")).time)).toBe(500);
});

test("applyTransferEvent() waits no more for what a failed image did not get to", () => {
  const state = after([
    at(0, startImage("a:1")),
    at(0, startImage("b:1")),
    at(0, { type: "blob.found", image: "a:1", digest: small, size: 7 }),
    at(0, { type: "blob.start", image: "a:1", digest: big, size: 1000 }),
    at(1, { type: "image.failed", id: "a:1", message: "no" }),
    // The event of a blob that is known no more.
    at(1, { type: "blob.progress", digest: big, sent: 800 }),
  ]);
  expect([state.sent, state.total, state.blobs.size]).toEqual([0, 0, 0]);
});
