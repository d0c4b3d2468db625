import { expect, test } from "bun:test";
import { assert, property, string } from "fast-check";
import { compareBytes } from "../../../src/buildkit/filesync/byte-order.ts";

test("compareBytes() orders names as their UTF-8 bytes", () => {
  const sorted = ["!", "-", ".", "A", "a", "a-b", "a.b", "ab", "é", "\uE000", "\uFFFD", "😀"];
  expect(sorted.toReversed().toSorted(compareBytes)).toEqual(sorted);
});

test("compareBytes() agrees with Buffer.compare for any text", () => {
  assert(
    property(string({ unit: "grapheme" }), string({ unit: "grapheme" }), (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareBytes(a, b))).toBe(bytes);
    }),
  );
});
