import { expect, test } from "bun:test";
import { parseBytes } from "../../src/base/parse-bytes.ts";

test.each([
  ["0", 0],
  ["512", 512],
  ["10MB", 10_000_000],
  ["1.5 GiB", 1_610_612_736],
  ["2k", 2000],
  ["4 mib", 4_194_304],
])("%s is %d bytes", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(["", "MB", "-1", "1e3", "0x10", "1.5.2", "10XB", "99999999999TB", "1 000"])(
  "%s is no size",
  (text) => {
    expect(parseBytes(text)).toBeUndefined();
  },
);
