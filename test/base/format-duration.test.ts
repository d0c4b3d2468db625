import { expect, test } from "bun:test";
import { formatDuration, formatElapsed } from "../../src/base/format-duration.ts";

for (const [milliseconds, exact, elapsed] of [
  [0, "0.0s", "0s"],
  [-5, "0.0s", "0s"],
  [340, "0.3s", "0s"],
  [48_120, "48.1s", "48s"],
  [59_949, "59.9s", "59s"],
  [59_950, "1m00s", "59s"],
  [134_000, "2m14s", "2m14s"],
  [3_599_000, "59m59s", "59m59s"],
  [3_599_999, "1h00m", "59m59s"],
  [3_840_000, "1h04m", "1h04m"],
  [90_000_000, "25h00m", "25h00m"],
] as const) {
  test(`formatDuration() and formatElapsed() write ${milliseconds} ms as ${exact} and ${elapsed}`, () => {
    expect(formatDuration(milliseconds)).toBe(exact);
    expect(formatElapsed(milliseconds)).toBe(elapsed);
  });
}
