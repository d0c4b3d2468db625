import { expect, test } from "bun:test";
import { matchTokens, type PatternToken } from "../../../src/buildkit/filesync/match-tokens.ts";
import { compilePattern } from "../../../src/buildkit/filesync/pattern.ts";

test("a pattern with many wildcards, that anybody may have written, comes to an end", () => {
  const path = "a".repeat(4000);
  expect(compilePattern(`${"*a".repeat(40)}b`).matches(path)).toBe(false);
  expect(compilePattern("*a".repeat(40)).matches(path)).toBe(true);
  expect(compilePattern(`${"**/a*".repeat(20)}b`).matches("a/".repeat(1000))).toBe(false);
});

test("matchTokens() says what the regular expression of the same pattern says", () => {
  const sources = { run: "[^/]*", rest: "[^\\n]*", components: "(?:[^\\n]*/)?" } as const;
  const letters = ["a", "b", "/", "\n"];
  const one = (letter: string): PatternToken => ({
    kind: "one",
    test: (other) => other === letter,
  });
  // A sequence that is the same each time.
  let state = 12345;
  const below = (limit: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * limit);
  };
  let matched = 0;
  for (let round = 0; round < 20_000; round++) {
    const parts = Array.from({ length: below(6) }, () =>
      below(2) === 0
        ? (letters[below(4)] ?? "a")
        : (["run", "rest", "components"] as const)[below(3)],
    ).map((part) => part ?? "run");
    const isKind = (part: string): part is keyof typeof sources => part in sources;
    const tokens = parts.map((part) => (isKind(part) ? { kind: part } : one(part)));
    const expression = new RegExp(
      `^${parts.map((part) => (isKind(part) ? sources[part] : part.replace("/", "\\/"))).join("")}$`,
      "u",
    );
    const path = Array.from({ length: below(6) }, () => letters[below(4)] ?? "a").join("");
    const wanted = expression.test(path);
    if (wanted) matched++;
    expect([parts, path, matchTokens(tokens, path)]).toEqual([parts, path, wanted]);
  }
  expect(matched).toBeGreaterThan(1000);
});
