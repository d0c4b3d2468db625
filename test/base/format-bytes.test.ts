import { expect, test } from "bun:test";
import { formatBytes } from "../../src/base/format-bytes.ts";

for (const [bytes, text] of [
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [1234, "1.2 kB"],
  [99_949, "99.9 kB"],
  [99_950, "100 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [310_400_000, "310 MB"],
  [1_200_000_000, "1.2 GB"],
  [5e18, "5000 PB"],
  [-1_250_000, "-1.3 MB"],
] as const) {
  test(`formatBytes() writes ${bytes} as ${text}`, () => {
    expect(formatBytes(bytes)).toBe(text);
  });
}
