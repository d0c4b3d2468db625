import type { Diagnostic, Place } from "../base/diagnostic.ts";
import { lineTextAt, placeAt, type SourceText } from "../base/source-text.ts";
import { createSourceText } from "../base/source-text.ts";
import type { ProjectFile } from "../project/project.ts";

/** A user's file as hive uses it: its text, or what was made of it. */
export type RenderedFile = {
  readonly file: ProjectFile;
  /** The text that counts, named as the user's file. */
  readonly source: SourceText;
  /** Where in the user's text the character at an offset comes from; absent when the text is theirs. */
  readonly originAt?: (offset: number) => number;
};

/** The file as it stands. */
export function asWritten(file: ProjectFile): RenderedFile {
  return { file, source: file.source };
}

/** The file with every `word` in it replaced. */
export function replaceWord(
  rendered: RenderedFile,
  word: string,
  replacement: string,
): RenderedFile {
  const { file, source, originAt = (offset) => offset } = rendered;
  const pieces = source.text.split(word);
  if (pieces.length === 1) return rendered;
  // Where each piece begins, in the new text and in the old one.
  const starts: number[] = [];
  const origins: number[] = [];
  let start = 0;
  let origin = 0;
  for (const { length } of pieces) {
    starts.push(start);
    origins.push(origin);
    start += length + replacement.length;
    origin += length + word.length;
  }
  const before = (offset: number): number => {
    const piece = Math.max(
      0,
      starts.findLastIndex((at) => at <= offset),
    );
    const from = origins[piece] ?? 0;
    const into = offset - (starts[piece] ?? 0);
    // All of a replacement comes from the word behind the piece.
    const length = pieces[piece]?.length ?? 0;
    return from + Math.min(into, into < length ? into : length);
  };
  const text = pieces.join(replacement);
  return {
    file,
    source: createSourceText(source.file, text),
    originAt: (offset) => originAt(before(offset)),
  };
}

/** A place in what was made of a file, as one in the user's own. */
export function writtenPlace({ file, source, originAt }: RenderedFile, place: Place): Place {
  if (originAt === undefined) return place;
  const start = (source.lineStarts[place.line - 1] ?? 0) + place.column - 1;
  const from = originAt(start);
  const to = originAt(start + (place.length ?? 1) - 1) + 1;
  return placeAt(file.source, from, Math.max(from + 1, to));
}

/** A finding in what was made of a file, as one in the user's own, with their line for the frame. */
export function writtenFinding(rendered: RenderedFile, finding: Diagnostic): Diagnostic {
  if (rendered.originAt === undefined) return finding;
  const place = writtenPlace(rendered, finding.place);
  return { ...finding, place, lineText: lineTextAt(rendered.file.source, place.line) };
}

/** For each line of what was made of a file, the line of the user's file that it comes from. */
export function writtenLines({ file, source, originAt }: RenderedFile): number[] {
  return source.lineStarts.map((start, index) =>
    originAt === undefined ? index + 1 : placeAt(file.source, originAt(start)).line,
  );
}
