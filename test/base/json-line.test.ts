import { expect, test } from "bun:test";
import { indentedJson, jsonLine } from "../../src/base/json-line.ts";

const value = { text: "a\nb\r\u2028\u2029c\u001b[2J\u009b2J\u007f\u202eevil\u2066\ufeffä…" };

test("a line of JSON has nothing in it that a terminal or a reader of lines acts on", () => {
  const line = jsonLine(value);
  expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*\n$/u);
  expect(line).toContain("ä…");
  expect(JSON.parse(line)).toEqual(value);
});

test("indented JSON has nothing in it that a terminal acts on but its own lines", () => {
  const text = indentedJson(value);
  expect(text.split("\n")).toHaveLength(4);
  expect(text).toMatch(/^(?:[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*\n)+$/u);
  expect(JSON.parse(text)).toEqual(value);
});
