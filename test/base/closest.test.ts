import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { closestNames, didYouMean } from "../../src/base/closest.ts";

const keys = ["platforms", "buildkit", "registry", "registries", "labels", "lint"];

const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["platfroms", keys, ["platforms"]],
  ["PLATFORMS", keys, ["platforms"]],
  ["registy", keys, ["registry"]],
  ["registrys", keys, ["registry", "registries"]],
  ["plat", keys, ["platforms"]],
  ["zzz", keys, []],
  ["", keys, []],
  ["a", ["b"], []],
  ["ab", ["ba"], ["ba"]],
  ["3.14", ["3.13", "3.12", "4.20"], ["3.13", "3.12"]],
  ["x", [], []],
];

for (const [word, candidates, expected] of cases) {
  test(`closestNames() finds ${expected.join(", ") || "nothing"} for "${word}"`, () => {
    expect(closestNames(word, candidates)).toEqual([...expected]);
  });
}

test("didYouMean() lists up to three names", () => {
  expect(didYouMean("ab1", ["ab2"])).toBe('did you mean "ab2"?');
  expect(didYouMean("ab1", ["ab2", "ab3"])).toBe('did you mean "ab2" or "ab3"?');
  expect(didYouMean("ab1", ["ab2", "ab3", "ab4", "ab5"])).toBe(
    'did you mean "ab2", "ab3" or "ab4"?',
  );
  expect(didYouMean("ab1", [])).toBeUndefined();
});

test("closestNames() puts a name that is there first", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 2 }), fc.array(fc.string()), (word, others) => {
      expect(closestNames(word, [...others, word])[0]?.toLowerCase()).toBe(word.toLowerCase());
    }),
  );
});
