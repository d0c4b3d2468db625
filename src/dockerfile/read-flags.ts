import type { Flag } from "./dockerfile.ts";
import { sliceText, trimText, type LocatedText } from "./located-text.ts";

/** Takes the `--name=value` words from the beginning of an instruction's arguments. */
export function readFlags(line: LocatedText, escape: string): { flags: Flag[]; rest: LocatedText } {
  const flags: Flag[] = [];
  let at = 0;
  while (at < line.text.length) {
    if (/\s/.test(line.text[at] ?? "")) {
      at += 1;
      continue;
    }
    if (!line.text.startsWith("--", at)) break;
    const { word, end } = readFlag(line, at, escape);
    at = end;
    if (word.text === "--") break;
    flags.push(toFlag(word));
  }
  return { flags, rest: trimText(sliceText(line, at)) };
}

function toFlag(word: LocatedText): Flag {
  const equals = word.text.indexOf("=");
  if (equals === -1) return { name: word.text.slice(2) };
  return { name: word.text.slice(2, equals), value: sliceText(word, equals + 1) };
}

// Up to white space outside of quotes; quotes go, and so do escapes, in quotes of both kinds.
function readFlag(
  line: LocatedText,
  start: number,
  escape: string,
): { word: LocatedText; end: number } {
  const kept: number[] = [];
  let quote: string | undefined;
  let at = start;
  for (; at < line.text.length; at++) {
    const char = line.text[at] ?? "";
    if (quote === undefined && /\s/.test(char)) break;
    if (char === quote) quote = undefined;
    else if (quote === undefined && (char === '"' || char === "'")) quote = char;
    else if (char !== escape) kept.push(at);
    else if (at + 1 < line.text.length) kept.push(++at);
  }
  const text = kept.map((index) => line.text[index]).join("");
  return { word: { text, offsets: kept.map((index) => line.offsets[index] ?? 0) }, end: at };
}
