import type { Diagnostic } from "./diagnostic.ts";

/** The findings by file, line and column, each once. */
export function sortDiagnostics(findings: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(findings.map((finding) => [keyOf(finding), finding]));
  return [...unique.values()].toSorted(
    ({ place: a }, { place: b }) =>
      compareText(a.file, b.file) || a.line - b.line || a.column - b.column,
  );
}

function keyOf({ code, message, place }: Diagnostic): string {
  return JSON.stringify([code, message, place.file, place.line, place.column]);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
