import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { expandWord, variablesIn } from "../../src/dockerfile/expand-word.ts";

const variables = new Map(Object.entries({ A: "a.b.c", E: "", P: "x*y", U: "é𝒳" }));

const cases: readonly (readonly [string, string])[] = [
  ["plain", "plain"],
  ["$A$E$N", "a.b.c"],
  ["${A}x${N}", "a.b.cx"],
  ["$A_", ""],
  ["$", "$"],
  ["$.", "$."],
  ["a$1b$12", "ab"],
  ["'$A'", "$A"],
  ['"$A"', "a.b.c"],
  [String.raw`"\$A \" \\ \x"`, String.raw`$A " \ \x`],
  [String.raw`\$A\a`, "$Aa"],
  ["${N:-x$A}", "xa.b.c"],
  ["${E-x}${E:-y}", "y"],
  ["${A+x}${E+y}${E:+z}", "xy"],
  ["${A:?no}", "a.b.c"],
  ["${A#*.}", "b.c"],
  ["${A##*.}", "c"],
  ["${A%.*}", "a.b"],
  ["${A%%.*}", "a"],
  ["${A%?}", "a.b."],
  [String.raw`${"${P#x\\*}"}`, "y"],
  ["${A/./-}", "a-b.c"],
  ["${A//./}", "abc"],
  ["${U%?}", "é"],
];

for (const [word, expected] of cases) {
  test(`expandWord() makes ${JSON.stringify(expected)} of ${word}`, () => {
    expect(expandWord(word, variables).text).toBe(expected);
  });
}

const wrong = [
  "${",
  "${}",
  "${A",
  "${A:",
  "${A!x}",
  "${A:#x}",
  "${:x}",
  "'",
  '"',
  "${E:?is empty}",
  "${N?}",
  "${A/x}",
];

for (const word of wrong) {
  test(`expandWord() refuses ${word}`, () => {
    expect(() => expandWord(word, variables)).toThrow(SyntaxError);
  });
}

test("expandWord() escapes with a backquote when told so", () => {
  expect(expandWord("C:\\`$A", variables, { escape: "`" }).text).toBe("C:\\$A");
});

test("expandWord() stops values that double and double", () => {
  const grown = new Map<string, string>([["V", "x".repeat(1024)]]);
  const double = (): void => {
    for (let step = 0; step < 64; step++) grown.set("V", expandWord("$V$V", grown).text);
  };
  expect(double).toThrow("the value is too long");
});

test("expandWord() throws nothing but SyntaxError", () => {
  const pieces = [
    "$A",
    "${A",
    "${",
    "}",
    ":-",
    "+",
    "#",
    "%",
    "/",
    "?",
    "*",
    "[",
    "\\",
    "'",
    '"',
    "<<",
    " ",
    "é",
    "𝒳",
    "(",
    "^",
  ];
  const word = fc
    .array(fc.constantFrom(...pieces), { maxLength: 20 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(word, fc.string({ unit: "binary" })), fc.boolean(), (text, raw) => {
      try {
        expandWord(text, variables, { raw });
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }),
    { numRuns: 5000 },
  );
});

test("variablesIn() finds names in defaults, too", () => {
  expect(variablesIn("$A/${B:-${C}-$D}$1")).toEqual(["A", "B", "C", "D"]);
});
