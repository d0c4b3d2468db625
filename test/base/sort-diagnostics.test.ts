import { expect, test } from "bun:test";
import type { Diagnostic } from "../../src/base/diagnostic.ts";
import { sortDiagnostics } from "../../src/base/sort-diagnostics.ts";

function at(file: string, line: number, column: number, message = "m"): Diagnostic {
  return { code: "HV1001", severity: "error", message, place: { file, line, column } };
}

test("sortDiagnostics() sorts by file, line and column as numbers, and keeps one of equals", () => {
  const sorted = sortDiagnostics([
    at("b", 1, 1),
    at("a", 10, 1),
    at("a", 9, 12),
    at("a", 9, 2),
    at("a", 9, 2),
    at("a", 9, 2, "n"),
  ]);
  expect(
    sorted.map(({ place, message }) => `${place.file}:${place.line}:${place.column} ${message}`),
  ).toEqual(["a:9:2 m", "a:9:2 n", "a:9:12 m", "a:10:1 m", "b:1:1 m"]);
});
