import { describe, expect, test } from "bun:test";
import { requireModestJson } from "../../src/oci/json-shape.ts";

const check = (text: string): void => requireModestJson(Buffer.from(text));

describe("requireModestJson()", () => {
  test.each([
    ["[".repeat(101), "nested deeper than 100 levels"],
    ['{"a":'.repeat(101), "nested deeper than 100 levels"],
    [`[${"{},".repeat(200_000)}{}]`, "more than 200000 values"],
    [`[${"1,".repeat(200_001)}1]`, "more than 200000 values"],
  ])("requireModestJson() refuses %p", (text, reason) => {
    expect(() => check(text)).toThrow(reason);
  });

  test.each([
    "",
    "{}",
    '"',
    '"\\',
    "]]]]",
    "[".repeat(100),
    "[]".repeat(50_000),
    // In strings nothing counts.
    JSON.stringify("[{,".repeat(200_000)),
    JSON.stringify('\\"['.repeat(1000)),
  ])("requireModestJson() leaves the rest to the parser", (text) => {
    expect(() => check(text)).not.toThrow();
  });

  test("requireModestJson() takes the longest list of layers that a registry does", () => {
    const layer = { mediaType: "a/b", digest: `sha256:${"a".repeat(64)}`, size: 1 };
    const text = JSON.stringify({ layers: Array.from({ length: 40_000 }, () => layer) });
    expect(text.length).toBeGreaterThan(4 * 1024 * 1024);
    expect(() => check(text)).not.toThrow();
  });
});
