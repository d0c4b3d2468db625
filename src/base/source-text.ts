import type { Diagnostic, Place } from "./diagnostic.ts";

/** A text file of the user's with its name as shown and the offsets at which its lines begin. */
export type SourceText = {
  readonly file: string;
  readonly text: string;
  readonly lineStarts: readonly number[];
};

/** Indexes `text`; `file` is the path that messages show. */
export function createSourceText(file: string, text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    lineStarts.push(at + 1);
  }
  return { file, text, lineStarts };
}

/** The place of the characters from `start` up to `end` (offsets in UTF-16 units); the underline stays on one line. */
export function placeAt(source: SourceText, start: number, end: number = start + 1): Place {
  const index = lineIndexAt(source, start);
  const lineStart = source.lineStarts[index] ?? 0;
  const lineEnd = lineStart + lineTextAt(source, index + 1).length;
  const length = Math.max(1, Math.min(end, lineEnd) - start);
  return { file: source.file, line: index + 1, column: start - lineStart + 1, length };
}

/** Line `line` (from 1) without its line break; "" behind the last one. */
export function lineTextAt(source: SourceText, line: number): string {
  const start = source.lineStarts[line - 1];
  if (start === undefined) return "";
  const next = source.lineStarts[line];
  return source.text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, "");
}

/** The line that a place stands on, for the frame of a finding; undefined where its file is none of `sources`. */
export function lineOfPlace(
  sources: ReadonlyMap<string, SourceText>,
  { file, line }: Place,
): string | undefined {
  const source = sources.get(file);
  return source && lineTextAt(source, line);
}

/** A finding at the characters from `start` up to `end` of `source`, with the line for its frame. */
export function diagnosticAt(
  source: SourceText,
  range: readonly [start: number, end: number],
  finding: Omit<Diagnostic, "place" | "lineText">,
): Diagnostic {
  const place = placeAt(source, range[0], range[1]);
  return { ...finding, place, lineText: lineTextAt(source, place.line) };
}

function lineIndexAt(source: SourceText, offset: number): number {
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
