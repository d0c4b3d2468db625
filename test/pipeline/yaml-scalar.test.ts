import { expect, test } from "bun:test";
import fc from "fast-check";
import { parse } from "yaml";
import { yamlScalar } from "../../src/pipeline/yaml-scalar.ts";

const hostile = [
  "yes",
  "No",
  "null",
  "~",
  "",
  "1.10",
  "0x10",
  "1_000",
  "012",
  "1e3",
  "e0",
  "E-12",
  ".inf",
  "=",
  "<<",
  "- a",
  "a: b",
  "a #b",
  "*a",
  "&a",
  "!a",
  "%a",
  "@a",
  "`a`",
  "{{ a }}",
  "${{ github.token }}",
  'a"b',
  "a'b",
  "a\\b",
  "a\nb: c",
  "a\tb",
  " a",
  "a ",
  "\u2028",
  "\u0085",
  "\u0000",
  "\u009b31m",
  "\ufeffa",
  "🐝",
  "2026-11-21",
  "12:30:45",
];

function check(text: string): void {
  const written = yamlScalar(text);
  expect(written).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
  for (const version of ["1.1", "1.2"] as const) {
    expect(parse(`key: ${written}\n`, { version })).toEqual({ key: text });
    expect(parse(`[${written}, x]\n`, { version })).toEqual([text, "x"]);
  }
}

test("yamlScalar() is read as the very text, by YAML 1.1 and 1.2, alone and in a list", () => {
  for (const text of hostile) check(text);
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), check), { numRuns: 500 });
  fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), check), { numRuns: 500 });
});

test("yamlScalar() leaves plain words as they are", () => {
  expect(["main", "app linux/amd64", "release-1.0"].map((text) => yamlScalar(text))).toEqual([
    "main",
    "app linux/amd64",
    "release-1.0",
  ]);
});
