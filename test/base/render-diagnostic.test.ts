import { expect, test } from "bun:test";
import type { Diagnostic } from "../../src/base/diagnostic.ts";
import { createPainter } from "../../src/base/painter.ts";
import { renderDiagnostic } from "../../src/base/render-diagnostic.ts";
import { createSourceText, diagnosticAt, lineTextAt, placeAt } from "../../src/base/source-text.ts";

const finding: Diagnostic = {
  code: "HV1003",
  severity: "error",
  message: "Unknown key",
  place: { file: "hive.yml", line: 9, column: 3, length: 4 },
  lineText: "  keey: 1",
  label: 'did you mean "key"?',
  help: "one line\nand another",
};

test("renderDiagnostic() aligns the gutters of all its parts", () => {
  const related = [
    { place: { file: "b.yml", line: 1234, column: 1 }, message: "first here", lineText: "x" },
    { place: { file: "c.yml", line: 1, column: 1 }, message: "no text" },
  ];
  expect(renderDiagnostic({ ...finding, related })).toBe(
    [
      "error[HV1003]: Unknown key",
      "    --> hive.yml:9:3",
      "     |",
      "   9 |   keey: 1",
      '     |   ^^^^ did you mean "key"?',
      "    ::: b.yml:1234:1",
      "     |",
      "1234 | x",
      "     | ^ first here",
      "    ::: c.yml:1:1",
      "     = no text",
      "     = help: one line",
      "     = help: and another",
    ].join("\n"),
  );
});

const tag = (name: string) => (text: string) => `<${name}>${text}</${name}>`;

test("renderDiagnostic() paints by severity", () => {
  const painter = {
    ...createPainter(false),
    red: tag("e"),
    yellow: tag("w"),
    blue: tag("f"),
    bold: tag("s"),
  };
  const { help: _, label: __, ...plain } = finding;
  expect(renderDiagnostic({ ...plain, severity: "warning" }, painter)).toBe(
    [
      "<w>warning[HV1003]</w><s>: Unknown key</s>",
      " <f>--></f> hive.yml:9:3",
      "  <f>|</f>",
      "<f>9</f> <f>|</f>   keey: 1",
      "  <f>|</f>   <w>^^^^</w>",
    ].join("\n"),
  );
});

const lines: readonly (readonly [string, string, number, number, string, string])[] = [
  ["wide characters", "日本: x", 1, 2, "日本: x", "^^^^"],
  ["what follows wide characters", "日本: x", 5, 1, "日本: x", "      ^"],
  ["tabs", "\t\tx", 3, 1, "    x", "    ^"],
  ["control characters", "a\u001b[31mb", 2, 1, "a\ufffd[31mb", " ^"],
  ["a place behind the line", "ab", 3, 1, "ab", "  ^"],
];

for (const [name, lineText, column, length, text, underline] of lines) {
  test(`renderDiagnostic() underlines ${name}`, () => {
    const place = { file: "f", line: 1, column, length };
    const rendered = renderDiagnostic({
      code: "HV1",
      severity: "error",
      message: "m",
      place,
      lineText,
    });
    expect(rendered.split("\n").slice(3)).toEqual([`1 | ${text}`, `  | ${underline}`]);
  });
}

test("renderDiagnostic() lets no part of a finding give commands to the terminal", () => {
  const hostile = "\u001b[2J\u009b2J";
  const place = { file: hostile, line: 1, column: 1 };
  const bad = { code: "HV1", severity: "error", message: hostile, place } as const;
  const related = [{ place, message: hostile }];
  const rendered = [
    renderDiagnostic({ ...bad, label: hostile, help: hostile, related }),
    renderDiagnostic({ ...bad, label: hostile, lineText: hostile }),
  ].join("\n");
  expect(rendered).toContain("\ufffd[2J\ufffd2J:1:1");
  expect(rendered).not.toContain("\u001b");
  expect(rendered).not.toContain("\u009b");
});

test("renderDiagnostic() cuts long lines around the place", () => {
  const place = { file: "f", line: 1, column: 501, length: 3 };
  const lineText = `${"a".repeat(500)}bcd${"e".repeat(500)}`;
  const rendered = renderDiagnostic({
    code: "HV1",
    severity: "error",
    message: "m",
    place,
    lineText,
  });
  const [, , , text = "", underline = ""] = rendered.split("\n");
  expect(text).toBe(`1 | …${"a".repeat(40)}bcd${"e".repeat(117)}…`);
  expect(text.slice(underline.indexOf("^"), underline.lastIndexOf("^") + 1)).toBe("bcd");
});

test("diagnosticAt() keeps the underline on the first line", () => {
  const source = createSourceText("f", "ab\r\ncd\n");
  expect(placeAt(source, 1, 6)).toEqual({ file: "f", line: 1, column: 2, length: 1 });
  expect(
    diagnosticAt(source, [4, 6], { code: "HV1", severity: "error", message: "m" }),
  ).toMatchObject({
    place: { line: 2, column: 1, length: 2 },
    lineText: "cd",
  });
  expect([1, 2, 3, 4].map((line) => lineTextAt(source, line))).toEqual(["ab", "cd", "", ""]);
});
