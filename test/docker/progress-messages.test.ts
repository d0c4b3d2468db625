import { expect, test } from "bun:test";
import { progressMessages } from "../../src/docker/progress-messages.ts";

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test.each([1, 2, 7, 1000])("progressMessages() reads messages cut into %d bytes", async (size) => {
  const text =
    '{"stream":"é\\n"}\r\n\n{"error":"no","errorDetail":{"message":"no"}}\n{"status":"x"}';
  expect(await Array.fromAsync(progressMessages(cut(text, size)))).toEqual([
    { stream: "é\n" },
    { error: "no", errorDetail: { message: "no" } },
    { status: "x" },
  ]);
});

test.each(["<html>", "1", '"x"', "{"])("progressMessages() makes %j an error", async (text) => {
  expect(await Array.fromAsync(progressMessages(cut(text, 100)))).toEqual([
    { error: `unexpected answer: ${text}` },
  ]);
});

test("progressMessages() does not collect an answer without an end", async () => {
  let taken = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      taken += 100_000;
      yield Buffer.alloc(100_000, "x");
    }
  }
  expect(await Array.fromAsync(progressMessages(endless()))).toEqual([
    { error: "the engine's answer has no end of line" },
  ]);
  expect(taken).toBeLessThan(2_000_000);
});
