import { expect, test } from "bun:test";
import { replacePattern, trimPattern } from "../../src/dockerfile/shell-pattern.ts";

test("a pattern whose match would take years is refused, and a usual one is not", () => {
  const value = "a".repeat(200);
  const endless = `${"*a".repeat(20)}b`;
  expect(() => trimPattern(value, endless, "#")).toThrow("20 wildcards");
  expect(() => trimPattern(value, endless, "%")).toThrow("20 wildcards");
  const replacement = { replacement: "", all: true };
  expect(() => replacePattern(value, endless, replacement)).toThrow("20 wildcards");
  // A run of them is one, and an escaped one is none.
  expect(trimPattern(`${value}/b`, `#${"*".repeat(30)}/`, "#")).toBe("b");
  expect(trimPattern(`${value}${"*".repeat(20)}`, "\\*".repeat(20), "%")).toBe(value);
  expect(trimPattern("registry.example.com/team/app:1.0", "*/*:", "#")).toBe("1.0");
});
