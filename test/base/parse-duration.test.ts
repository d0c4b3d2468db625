import { expect, test } from "bun:test";
import { parseDuration } from "../../src/base/parse-duration.ts";

test.each([
  ["0", 0],
  ["500ms", 500],
  ["30s", 30_000],
  ["1h30m", 5_400_000],
  ["14d", 1_209_600_000],
])("%s is %d ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(["", "30", "s", "-1s", "1.5h", "1y", "1h 30m", "10 s"])("%s is no span", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
