import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { printable, printableLines } from "../../src/base/printable.ts";

for (const [name, text, safe] of [
  ["colours", "\u001B[1;31mred\u001B[0m \u001B[38:2:1:2:3mrgb", "red rgb"],
  ["cursor movement", "\u001B[2J\u001B[10;10Ha\u001B[?25lb\u001B7c", "abc"],
  ["titles", "\u001B]0;title\u0007a\u001B]2;title\u001B\\b", "ab"],
  ["links", "\u001B]8;;http://x\u001B\\text\u001B]8;;\u001B\\", "text"],
  ["device strings", "\u001BPq#0;2\u001B\\a\u001B_x\u001B\\b", "ab"],
  ["character sets", "\u001B(0a\u001B)Bb", "ab"],
  ["unfinished sequences", "a\u001B]0;b\u001B[12", "a0;b12"],
  ["8-bit controls", "\u009B31ma\u009D0;t\u009C", "a0;t"],
  ["escapes made of escapes", "\u001B\u001B[31m[31ma", "[31ma"],
  ["other controls", "a\u0000\u0008\u007Fb", "ab"],
  ["line breaks", "a\r\nb\n\nc", "a b c"],
  ["tabs", "a\tbc\t\td", "a       bc              d"],
  ["bidirectional marks", "a\u202Eb\u2066c\u200Fd", "abcd"],
  ["lone surrogates", "a\uD800b", "a\uFFFDb"],
  ["text", "naïve 你好 👩‍👩‍👧", "naïve 你好 👩‍👩‍👧"],
] as const) {
  test(`printable() handles ${name}`, () => {
    expect(printable(text)).toBe(safe);
  });
}

test("printable() leaves no control character, whatever it gets", () => {
  const unit = fc.constantFrom(
    "\u001B",
    "[",
    "]",
    "0",
    ";",
    "m",
    "\u0007",
    "\\",
    "\u009B",
    "\t",
    "\r",
    "\n",
    "a",
    "你",
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: "binary" })), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
    }),
  );
});

// Quadratic time would be over the runner's limit for a test.
test("printable() takes linear time on hostile text", () => {
  for (const unit of ["\u001B]", "\u001B[", "\u001B", "\r", "\t", "\u001B[0;", "\u001BP\\"]) {
    expect(printable(unit.repeat(1_000_000))).not.toContain("\u001B");
  }
});

test("printableLines() keeps line breaks", () => {
  expect(printableLines("a\u001B[2J\r\nb\n\nc")).toEqual(["a", "b", "", "c"]);
});
