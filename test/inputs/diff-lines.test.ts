import { expect, test } from "bun:test";
import fc from "fast-check";
import { diffLines } from "../../src/inputs/diff-lines.ts";

test("diffLines() tells what was taken out and put in, with line numbers", () => {
  expect(diffLines("a\nb\nc\nd", "a\nc\nx\nd")).toEqual([
    { sign: "-", line: 2, text: "b" },
    { sign: "+", line: 3, text: "x" },
  ]);
  expect(diffLines("a\n", "a\n")).toEqual([]);
});

test("diffLines() leads from one text to the other, whatever they are", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", ""), { minLength: 1 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changes = diffLines(before.join("\n"), after.join("\n"));
      const removed = new Set(changes.flatMap(({ sign, line }) => (sign === "-" ? [line] : [])));
      const added = new Set(changes.flatMap(({ sign, line }) => (sign === "+" ? [line] : [])));
      const kept = before.filter((_, index) => !removed.has(index + 1));
      expect(kept).toEqual(after.filter((_, index) => !added.has(index + 1)));
      for (const { sign, line, text: shown } of changes)
        expect<string | undefined>((sign === "-" ? before : after)[line - 1]).toBe(shown);
    }),
  );
});

test("diffLines() of huge texts gives up on what is in the middle", () => {
  const lines = (name: string): string =>
    Array.from({ length: 2000 }, (_, i) => `${name}${i}`).join("\n");
  expect(diffLines(`x\n${lines("a")}`, `x\n${lines("b")}`)).toHaveLength(4000);
});
