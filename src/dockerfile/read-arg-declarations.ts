import { sliceText, type LocatedText } from "./located-text.ts";

/** An `ARG name` or `ARG name=default`; the default as written, with quotes and variables. */
export type ArgDeclaration = { readonly name: LocatedText; readonly value?: LocatedText };

/** What `ARG a b=1 c="x y"` declares. */
export function readArgDeclarations(line: LocatedText, escape: string): ArgDeclaration[] {
  return quotedWords(line, escape).map((word) => {
    const equals = word.text.indexOf("=");
    if (equals === -1) return { name: word };
    return { name: sliceText(word, 0, equals), value: sliceText(word, equals + 1) };
  });
}

// Words with their quotes on: they are removed when the value is expanded.
function quotedWords(line: LocatedText, escape: string): LocatedText[] {
  const words: LocatedText[] = [];
  let start: number | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.text.length; at++) {
    const char = line.text[at] ?? "";
    if (quote === undefined && /\s/.test(char)) {
      if (start !== undefined) words.push(sliceText(line, start, at));
      start = undefined;
      continue;
    }
    start ??= at;
    if (char === escape && quote !== "'") at += 1;
    else if (char === quote) quote = undefined;
    else if (quote === undefined && (char === '"' || char === "'")) quote = char;
  }
  if (start !== undefined) words.push(sliceText(line, start));
  return words;
}
