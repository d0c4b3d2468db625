import type { Diagnostic, Place } from "../base/diagnostic.ts";
import { createSourceText, lineTextAt, placeAt, type SourceText } from "../base/source-text.ts";
import type { ProjectFile } from "../project/project.ts";

/** A user's file as hive uses it: its text, or what was made of it. */
export type RenderedFile = {
  readonly file: ProjectFile;
  /** The text that counts, named as the user's file. */
  readonly source: SourceText;
  /** The range of the user's text that a range of this one comes from; absent when the text is theirs. */
  readonly originOf?: (range: Range) => Range;
};

/** Offsets in UTF-16 units. */
type Range = readonly [start: number, end: number];

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
  const { file, source, originOf = (range) => range } = rendered;
  const pieces = source.text.split(word);
  if (pieces.length === 1) return rendered;
  // Where each piece begins, in the new text and in the old one.
  const starts: [now: number, before: number][] = [];
  let [now, before] = [0, 0];
  for (const { length } of pieces) {
    starts.push([now, before]);
    now += length + replacement.length;
    before += length + word.length;
  }
  // The character at an offset as a range of the old text: all of a replacement comes from the whole word.
  const characterAt = (offset: number): Range => {
    const index = Math.max(
      0,
      starts.findLastIndex(([start]) => start <= offset),
    );
    const [start, from] = starts[index] ?? [0, 0];
    const length = pieces[index]?.length ?? 0;
    const into = offset - start;
    const isWord = into >= length && index < pieces.length - 1;
    return isWord ? [from + length, from + length + word.length] : [from + into, from + into + 1];
  };
  return {
    file,
    source: createSourceText(source.file, pieces.join(replacement)),
    originOf: ([start, end]) =>
      originOf([characterAt(start)[0], characterAt(Math.max(start, end - 1))[1]]),
  };
}

/** A place in what was made of a file, as one in the user's own. */
export function writtenPlace({ file, source, originOf }: RenderedFile, place: Place): Place {
  if (originOf === undefined) return place;
  const start = (source.lineStarts[place.line - 1] ?? 0) + place.column - 1;
  return placeAt(file.source, ...originOf([start, start + (place.length ?? 1)]));
}

/** A finding in what was made of a file, as one in the user's own, with their line for the frame. */
export function writtenFinding(rendered: RenderedFile, finding: Diagnostic): Diagnostic {
  if (rendered.originOf === undefined) return finding;
  const place = writtenPlace(rendered, finding.place);
  return { ...finding, place, lineText: lineTextAt(rendered.file.source, place.line) };
}

/** For each line of what was made of a file, the line of the user's file that it comes from. */
export function writtenLines(rendered: RenderedFile): readonly number[] {
  const known = linesOf.get(rendered);
  if (known !== undefined) return known;
  const { file, source, originOf } = rendered;
  const lines = source.lineStarts.map((start, index) =>
    originOf === undefined ? index + 1 : placeAt(file.source, originOf([start, start + 1])[0]).line,
  );
  linesOf.set(rendered, lines);
  return lines;
}

// The platforms of a reference share what was rendered.
const linesOf = new WeakMap<RenderedFile, readonly number[]>();
