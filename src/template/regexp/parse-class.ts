import {
  complementOf,
  foldedSet,
  perlSets,
  posixSets,
  rangeSet,
  unicodeSet,
  unionOf,
  type CharSet,
} from "./char-set.ts";
import { patternError, type PatternReader } from "./pattern-reader.ts";

type Escape = {
  readonly set: CharSet;
  /** The code point that it stands for; undefined for a class as `\d`. */
  readonly code: number | undefined;
  readonly isLiteral: boolean;
};

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

/** Reads an escape that stands for characters. @throws Error */
export function parseEscape(reader: PatternReader): Escape {
  const { text, at } = reader;
  const match =
    /\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2})|([pP])(?:\{(\^?)([^}]*)\}|(.))|([^]))/uy;
  match.lastIndex = at;
  const found = match.exec(text);
  if (found === null) throw patternError("trailing backslash at end of expression", "");
  reader.at += found[0].length;
  const [all, braced, hex, octal, unicode, negation, long, short, plain = ""] = found;
  if (unicode !== undefined) {
    const set = unicodeSet(long ?? short ?? "");
    if (set === undefined) throw patternError("invalid character class range", all);
    const isNegated = (unicode === "P") !== (negation === "^");
    return { set: isNegated ? complementOf(set) : set, code: undefined, isLiteral: true };
  }
  const digits = braced ?? hex;
  const code =
    digits === undefined
      ? octal === undefined
        ? (controls[plain] ?? punctuation(plain))
        : Number.parseInt(octal, 8)
      : Number.parseInt(digits, 16);
  if (code !== undefined && code <= 0x10ffff)
    return { set: rangeSet(code, code), code, isLiteral: true };
  const perl = perlSets[plain.toLowerCase()];
  if (perl === undefined || code !== undefined) throw patternError("invalid escape sequence", all);
  const isNegated = plain !== plain.toLowerCase();
  return { set: isNegated ? complementOf(perl) : perl, code: undefined, isLiteral: false };
}

function punctuation(char: string): number | undefined {
  return /^[!-/:-@[-`{-~]$/.test(char) ? char.codePointAt(0) : undefined;
}

/** Reads `[...]`. @throws Error */
export function parseClass(reader: PatternReader, fold: boolean): CharSet {
  const start = reader.at;
  reader.at += 1;
  const isNegated = reader.text[reader.at] === "^";
  if (isNegated) reader.at += 1;
  const sets: CharSet[] = [];
  for (let isFirst = true; isFirst || reader.text[reader.at] !== "]"; isFirst = false) {
    if (reader.at >= reader.text.length) {
      throw patternError("missing closing ]", reader.text.slice(start));
    }
    sets.push(readItem(reader));
  }
  reader.at += 1;
  const union = unionOf(sets);
  const set = fold ? foldedSet(union) : union;
  return isNegated ? complementOf(set) : set;
}

function readItem(reader: PatternReader): CharSet {
  const posix = /\[:(\^?)([a-z]+):\]/y;
  posix.lastIndex = reader.at;
  const match = posix.exec(reader.text);
  if (match !== null) {
    const name = match[2] ?? "";
    const set = Object.hasOwn(posixSets, name) ? posixSets[name] : undefined;
    if (set === undefined) throw patternError("invalid character class range", match[0]);
    reader.at += match[0].length;
    return match[1] === "^" ? complementOf(set) : set;
  }
  const start = reader.at;
  const low = readChar(reader);
  const isRange =
    reader.text[reader.at] === "-" &&
    !/^-?(?:\]|$)/.test(reader.text.slice(reader.at, reader.at + 2));
  if (!isRange || low.code === undefined) return low.set;
  reader.at += 1;
  const high = readChar(reader);
  if (high.code === undefined || high.code < low.code) {
    throw patternError("invalid character class range", reader.text.slice(start, reader.at));
  }
  return rangeSet(low.code, high.code);
}

function readChar(reader: PatternReader): Escape {
  if (reader.text[reader.at] === "\\") return parseEscape(reader);
  const code = reader.text.codePointAt(reader.at);
  if (code === undefined) throw patternError("missing closing ]", reader.text);
  reader.at += code > 0xffff ? 2 : 1;
  return { set: rangeSet(code, code), code, isLiteral: true };
}
