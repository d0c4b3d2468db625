import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { fitText, padText } from "../../src/base/text-width.ts";

const red = (text: string): string => `\u001B[31m${text}\u001B[39m`;

for (const [text, columns, cut, fitted] of [
  ["hello", 5, "end", "hello"],
  ["hello", 4, "end", "hel…"],
  ["hello", 4, "start", "…llo"],
  ["hello", 1, "end", "…"],
  ["hello", 0, "end", ""],
  ["你好吗", 5, "end", "你好…"],
  ["你好吗", 4, "end", "你…"],
  ["你好吗", 4, "start", "…吗"],
  ["👩‍👩‍👧👩‍👩‍👧", 3, "end", "👩‍👩‍👧…"],
  [red("hello"), 3, "end", `${red("he")}…`],
] as const) {
  test(`fitText() cuts ${JSON.stringify(text)} to ${columns} at the ${cut}`, () => {
    expect(fitText(text, columns, { cut })).toBe(fitted);
  });
}

test("fitText() is never wider than asked for", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "é", "你", "👩‍👩‍👧", "🇩🇪", "e\u0301", " ") }),
      fc.nat(30),
      fc.constantFrom("start" as const, "end" as const),
      (text, columns, cut) => {
        expect(Bun.stringWidth(fitText(text, columns, { cut }))).toBeLessThanOrEqual(columns);
      },
    ),
  );
});

test("padText() counts columns, not characters", () => {
  expect(padText("你", 4)).toBe("你  ");
  expect(padText(red("a"), 3, "right")).toBe(`  ${red("a")}`);
  expect(padText("hello", 3)).toBe("hello");
});
