import { expect, test } from "bun:test";
import { refusalOf } from "../../src/docker/engine-refusal.ts";
import { readAnswer, readJsonAnswer } from "../../src/docker/read-answer.ts";
import { rejection } from "../support/rejection.ts";

test("readJsonAnswer() reads what comes in pieces, and takes what is no JSON for nothing", async () => {
  const bytes = new TextEncoder().encode('{"a":"ä"}');
  const pieces = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  expect(await readJsonAnswer(new Response(pieces))).toEqual({ a: "ä" });
  expect(await readJsonAnswer(new Response("<html>"))).toEqual({});
  expect(await readJsonAnswer(new Response(null))).toEqual({});
});

test("readAnswer() gives up on an answer without an end, and tells who sends it", async () => {
  let [sent, isCanceled] = [0, false];
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1024 * 1024;
      controller.enqueue(new Uint8Array(1024 * 1024).fill(91));
    },
    cancel() {
      isCanceled = true;
    },
  });
  expect(await rejection(refusalOf(new Response(endless, { status: 500 })))).toMatchObject({
    kind: "unreachable",
    message: expect.stringContaining("has no end"),
  });
  expect([sent < 64 * 1024 * 1024, isCanceled]).toEqual([true, true]);
});

test("readAnswer() does not wait for ever for one that stopped", async () => {
  const stopped = new ReadableStream({ start: (controller) => controller.enqueue(bytesOfOne) });
  const failure = await rejection(readAnswer(new Response(stopped), { timeout: 50 }));
  expect(failure).toMatchObject({ kind: "unreachable" });
});

const bytesOfOne = Uint8Array.of(91);
