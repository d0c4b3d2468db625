import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { globPattern } from "../../src/plan/glob-pattern.ts";

const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["base", ["base"], ["base2", "abase"]],
  ["b*", ["b", "base"], ["b/x", "ab"]],
  ["**", ["", "a/b"], []],
  ["**/b", ["a/b", "a/c/b"], ["b"]],
  ["?.1", ["3.1"], ["3x1", "/.1", "33.1"]],
  ["[a-c]x", ["ax", "cx"], ["dx"]],
  ["[!a]", ["b"], ["a"]],
  ["[", ["["], ["a"]],
  ["[z-a]", ["[z-a]"], ["z"]],
  ["{a,b*}c", ["ac", "bc", "bxc"], ["c"]],
  ["{a", ["{a"], ["a"]],
  ["a,b}", ["a,b}"], ["a"]],
  ["a.b", ["a.b"], ["axb"]],
  ["(a|b)+^$", ["(a|b)+^$"], ["a"]],
];

for (const [glob, matching, others] of cases) {
  test(`globPattern() reads ${glob}`, () => {
    expect([...matching, ...others].filter((name) => globPattern(glob).test(name))).toEqual([
      ...matching,
    ]);
  });
}

test("globPattern() takes any text", () => {
  fc.assert(fc.property(fc.string(), (glob) => void globPattern(glob).test("base")));
});
