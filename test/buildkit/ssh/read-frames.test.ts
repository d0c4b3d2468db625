import { expect, test } from "bun:test";
import { readFrames } from "../../../src/buildkit/ssh/read-frames.ts";
import { rejection } from "../../support/rejection.ts";

async function framesOf(...chunks: readonly (readonly number[])[]): Promise<number[][]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield new Uint8Array(chunk);
  }
  const frames: number[][] = [];
  for await (const frame of readFrames(stream())) frames.push([...frame]);
  return frames;
}

test("readFrames() puts messages together, however they are cut", async () => {
  const two = [0, 0, 0, 1, 11, 0, 0, 0, 2, 13, 7];
  const expected = [two.slice(0, 5), two.slice(5)];
  expect(await framesOf(two)).toEqual(expected);
  expect(await framesOf(...two.map((byte) => [byte]))).toEqual(expected);
  expect(await framesOf(two.slice(0, 7), [], two.slice(7), [0, 0, 0, 9, 1])).toEqual(expected);
});

test("readFrames() refuses messages without a type, and those that are too long", async () => {
  expect(await rejection(framesOf([0, 0, 0, 0]))).toBeInstanceOf(RangeError);
  expect(await rejection(framesOf([0, 4, 0, 1]))).toBeInstanceOf(RangeError);
});
