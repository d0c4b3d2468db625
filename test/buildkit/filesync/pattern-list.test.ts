import { describe, expect, test } from "bun:test";
import {
  createPatternList,
  type PatternHits,
} from "../../../src/buildkit/filesync/pattern-list.ts";

/** Whether the patterns match `path`, walking down to it as a directory walk does. */
function isMatched(patterns: readonly string[], path: string): boolean {
  const list = createPatternList(patterns);
  const parts = path.split("/");
  let hits: PatternHits | undefined;
  let matched = false;
  for (let count = 1; count <= parts.length; count++) {
    ({ matched, hits } = list.match(parts.slice(0, count).join("/"), hits));
  }
  return matched;
}

const table: readonly (readonly [patterns: readonly string[], path: string, matched: boolean])[] = [
  [["a"], "a", true],
  [["a"], "a/b/c", true],
  [["a"], "ab", false],
  [["a"], "b/a", false],
  [["**/a"], "b/c/a", true],
  [["**/a"], "a", true],
  [["**/a"], "ba", false],
  [["a/**"], "a", false],
  [["a/**"], "a/b", true],
  [["a/**/b"], "a/b", true],
  [["a/**/b"], "a/x/y/b", true],
  [["a/**/b"], "ab", false],
  [["*"], "a/b", true],
  [["*.go"], "a/b.go", false],
  [["**/*.go"], "a/b.go", true],
  [["a?c"], "abc", true],
  [["a?c"], "a/c", false],
  [["[a-c]x"], "bx", true],
  [["[^a-c]x"], "bx", false],
  [["a\\*"], "a*", true],
  [["a\\*"], "ab", false],
  [[" a/./b/ "], "a/b", true],
  [["a.b"], "a+b", false],
  [["(x)|{y}$"], "(x)|{y}$", true],
  [["*"], "😀", true],
  [["?"], "😀", true],
  // Negations: the last that matches wins, and parents count for what is inside.
  [["*", "!a"], "a", false],
  [["*", "!a"], "a/b", false],
  [["*", "!a/b"], "a", true],
  [["*", "!a/b"], "a/b", false],
  [["*", "!a/b"], "a/c", true],
  [["!a", "*"], "a", true],
  [["a", "!a/b", "a/b/c"], "a/b/d", false],
  [["a", "!a/b", "a/b/c"], "a/b/c", true],
  [["**", "!**/*.md", "**/secret.md"], "docs/readme.md", false],
  [["**", "!**/*.md", "**/secret.md"], "docs/secret.md", true],
  [["node_modules", "!node_modules/keep"], "node_modules/keep/x", false],
  [["node_modules", "!node_modules/keep"], "node_modules/drop/x", true],
];

describe("createPatternList()", () => {
  test.each(table)("with %j and path %s says %p", (patterns, path, matched) => {
    expect(isMatched(patterns, path)).toBe(matched);
  });

  test("agrees with what patternmatcher 0.6.1 answered for generated patterns", async () => {
    const text = await Bun.file(`${import.meta.dir}/patternmatcher-0.6.1.ndjson`).text();
    const cases = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(cases.length).toBeGreaterThan(200);
    for (const { patterns, path, matched, bad } of cases) {
      const answer = (): boolean => isMatched(patterns, path);
      if (bad === true) expect(answer).toThrow(SyntaxError);
      else expect({ patterns, path, matched: answer() }).toEqual({ patterns, path, matched });
    }
  });

  test.each(["!", "[", "[a", "[b-a]", "a\\", "[]a]"])("refuses %s", (pattern) => {
    expect(() => createPatternList([pattern])).toThrow(SyntaxError);
  });

  test("reachesInto() knows where a negation may match", () => {
    const list = createPatternList(["*", "!a/b/**", "!c/*"]);
    const reached = ["a", "a/b", "c", "d", "ab"].filter((path) =>
      list.reachesInto(path, { negated: true }),
    );
    expect(reached).toEqual(["a", "a/b", "c"]);
    expect(createPatternList(["*", "!**/x"]).reachesInto("d", { negated: true })).toBe(true);
  });
});
