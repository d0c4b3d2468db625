import { expect, test } from "bun:test";
import { parseByteRange } from "../../src/registry/byte-range.ts";

test.each([
  [null, undefined],
  ["bytes=0-0", { start: 0, end: 1 }],
  ["bytes=2-", { start: 2, end: 10 }],
  ["bytes=-3", { start: 7, end: 10 }],
  ["bytes=-30", { start: 0, end: 10 }],
  ["bytes=0-18446744073709551615", { start: 0, end: 10 }],
  ["Bytes=9-9", { start: 9, end: 10 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=99999-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=5-2", "unsatisfiable"],
  ["bytes=a-b", undefined],
  ["bytes=", undefined],
  ["bytes=-", undefined],
  ["items=0-1", undefined],
  ["bytes=0-1,4-5", undefined],
] as const)("parseByteRange() reads %p of ten bytes as %p", (header, expected) => {
  expect(parseByteRange(header, 10)).toEqual(expected as never);
});

test("parseByteRange() has nothing to read in nothing", () => {
  expect(parseByteRange("bytes=0-0", 0)).toBe("unsatisfiable");
});
