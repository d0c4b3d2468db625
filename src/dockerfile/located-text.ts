/** Text put together from pieces of a file: `offsets[i]` is where in the file character `i` stands. */
export type LocatedText = { readonly text: string; readonly offsets: readonly number[] };

/** The part from `start` up to `end`. */
export function sliceText(
  { text, offsets }: LocatedText,
  start: number,
  end: number = text.length,
): LocatedText {
  return { text: text.slice(start, end), offsets: offsets.slice(start, end) };
}

/** The file's range from the first character to the last; `fallback` for empty text. */
export function rangeOfText({ offsets }: LocatedText, fallback: number = 0): [number, number] {
  const first = offsets[0] ?? fallback;
  return [first, (offsets.at(-1) ?? first) + 1];
}

/** Without white space at both ends. */
export function trimText(located: LocatedText): LocatedText {
  const start = located.text.length - located.text.trimStart().length;
  return sliceText(located, start, Math.max(start, located.text.trimEnd().length));
}

/** The words between white space. */
export function splitWords(located: LocatedText): LocatedText[] {
  return [...located.text.matchAll(/[^\t\v\f\r ]+/g)].map(({ index, 0: word }) =>
    sliceText(located, index, index + word.length),
  );
}
