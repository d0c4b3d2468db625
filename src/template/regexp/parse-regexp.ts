import { runesOf } from "../go-text.ts";
import { complementOf, foldedSet, rangeSet, type CharSet } from "./char-set.ts";
import { parseClass, parseEscape } from "./parse-class.ts";
import { patternError, type PatternReader } from "./pattern-reader.ts";

/** What holds between two characters: `\A`, `\z`, `^`, `$`, `\b`, `\B`. */
export type Assertion = "textStart" | "textEnd" | "lineStart" | "lineEnd" | "word" | "noWord";

/** A pattern as a tree. */
export type RegexpNode =
  | { readonly type: "set"; readonly set: CharSet }
  | { readonly type: "assertion"; readonly assertion: Assertion }
  | { readonly type: "sequence" | "choice"; readonly nodes: readonly RegexpNode[] }
  | { readonly type: "group"; readonly index: number; readonly node: RegexpNode }
  | {
      readonly type: "repeat";
      readonly node: RegexpNode;
      readonly least: number;
      /** Infinity for no end. */
      readonly most: number;
      readonly isLazy: boolean;
    };

type Flags = {
  readonly fold: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly lazy: boolean;
};

type Reader = PatternReader & {
  flags: Flags;
  depth: number;
  /** By index; undefined for groups without a name. The first is the whole match. */
  readonly names: (string | undefined)[];
};

const deepest = 100;
const longest = 10_000;

/** Parses RE2's syntax. {@link https://github.com/google/re2/wiki/Syntax} @throws Error */
export function parseRegexp(text: string): {
  readonly node: RegexpNode;
  readonly names: readonly (string | undefined)[];
} {
  if (text.length > longest)
    throw new Error(`a regular expression has at most ${longest} characters`);
  const flags = { fold: false, multiline: false, dotAll: false, lazy: false };
  const reader: Reader = { text, at: 0, flags, depth: 0, names: [undefined] };
  const node = readChoice(reader);
  if (reader.at < text.length) throw patternError("unexpected )", text);
  return { node, names: reader.names };
}

function readChoice(reader: Reader): RegexpNode {
  reader.depth += 1;
  if (reader.depth > deepest) throw patternError("expression nests too deeply", reader.text);
  const { flags } = reader;
  const nodes = [readSequence(reader)];
  while (reader.text[reader.at] === "|") {
    reader.at += 1;
    nodes.push(readSequence(reader));
  }
  reader.flags = flags;
  reader.depth -= 1;
  const [only] = nodes;
  return nodes.length === 1 && only !== undefined ? only : { type: "choice", nodes };
}

function readSequence(reader: Reader): RegexpNode {
  const nodes: RegexpNode[] = [];
  while (reader.at < reader.text.length) {
    const char = reader.text[reader.at];
    if (char === "|" || char === ")") break;
    if (reader.text.startsWith("\\Q", reader.at)) {
      const literals = readQuoted(reader).map((literal) => literalNode(literal, reader.flags));
      const last = literals.pop();
      nodes.push(...literals);
      if (last !== undefined) nodes.push(readRepeats(reader, last));
      continue;
    }
    const start = reader.at;
    const atom = readAtom(reader);
    if (atom !== undefined) nodes.push(readRepeats(reader, atom, start));
  }
  return { type: "sequence", nodes };
}

function readQuoted(reader: Reader): string[] {
  const end = reader.text.indexOf("\\E", reader.at + 2);
  const stop = end === -1 ? reader.text.length : end;
  const quoted = reader.text.slice(reader.at + 2, stop);
  reader.at = end === -1 ? stop : stop + 2;
  return runesOf(quoted);
}

function literalNode(char: string, { fold }: Flags): RegexpNode {
  const code = char.codePointAt(0) ?? 0;
  return setNode(rangeSet(code, code), fold);
}

function setNode(set: CharSet, fold: boolean): RegexpNode {
  return { type: "set", set: fold ? foldedSet(set) : set };
}

const repeats: Readonly<Record<string, readonly [number, number]>> = {
  "*": [0, Infinity],
  "+": [1, Infinity],
  "?": [0, 1],
};

const mostRepeats = 1000;

function readRepeats(reader: Reader, atom: RegexpNode, start: number = reader.at): RegexpNode {
  const found = readRepeat(reader);
  if (found === undefined) return atom;
  const isReluctant = reader.text[reader.at] === "?";
  if (isReluctant) reader.at += 1;
  const [least, most] = found;
  const node: RegexpNode = {
    type: "repeat",
    node: atom,
    least,
    most,
    isLazy: isReluctant !== reader.flags.lazy,
  };
  const after = reader.at;
  if (readRepeat(reader) === undefined) return node;
  throw patternError("invalid nested repetition operator", reader.text.slice(start, after + 1));
}

function readRepeat(reader: Reader): readonly [number, number] | undefined {
  const simple = repeats[reader.text[reader.at] ?? ""];
  if (simple !== undefined) {
    reader.at += 1;
    return simple;
  }
  const braces = /\{(\d{1,5})(?:(,)(\d{1,5})?)?\}/y;
  braces.lastIndex = reader.at;
  const match = braces.exec(reader.text);
  if (match === null) return undefined;
  reader.at += match[0].length;
  const least = Number(match[1]);
  const most =
    match[2] === undefined ? least : match[3] === undefined ? Infinity : Number(match[3]);
  if (least > mostRepeats || (most !== Infinity && most > mostRepeats) || least > most) {
    throw patternError("invalid repeat count", match[0]);
  }
  return [least, most];
}

function assert(assertion: Assertion): RegexpNode {
  return { type: "assertion", assertion };
}

// Undefined for what sets flags only.
function readAtom(reader: Reader): RegexpNode | undefined {
  const { text, at, flags } = reader;
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (char === "(") return readGroup(reader);
  if (char === "[") return setNode(parseClass(reader, flags.fold), false);
  if (char === "\\") return readEscaped(reader);
  reader.at += char.length;
  switch (char) {
    case ".":
      return { type: "set", set: flags.dotAll ? () => true : complementOf(rangeSet(10, 10)) };
    case "^":
      return assert(flags.multiline ? "lineStart" : "textStart");
    case "$":
      return assert(flags.multiline ? "lineEnd" : "textEnd");
    case "*":
    case "+":
    case "?":
      throw patternError("missing argument to repetition operator", char);
    default:
      return literalNode(char, flags);
  }
}

const assertions: Readonly<Record<string, Assertion>> = {
  A: "textStart",
  z: "textEnd",
  b: "word",
  B: "noWord",
};

function readEscaped(reader: Reader): RegexpNode {
  const next = reader.text[reader.at + 1] ?? "";
  const assertion = assertions[next];
  if (assertion !== undefined) {
    reader.at += 2;
    return assert(assertion);
  }
  const { set, isLiteral } = parseEscape(reader);
  return setNode(set, reader.flags.fold && isLiteral);
}

function readGroup(reader: Reader): RegexpNode | undefined {
  const { text, at, flags } = reader;
  const special = /\(\?(?:P?<([A-Za-z0-9_]+)>|([imsU]*)(?:-([imsU]+))?([:)]))/y;
  special.lastIndex = at;
  const match = special.exec(text);
  if (match === null) {
    if (text.startsWith("(?", at)) {
      throw patternError("invalid or unsupported Perl syntax", text.slice(at, at + 4));
    }
    reader.at += 1;
    return readCapture(reader, undefined);
  }
  reader.at += match[0].length;
  const [, name, on = "", off = "", end] = match;
  if (name !== undefined) {
    return readCapture(reader, name);
  }
  reader.flags = setFlags(setFlags(flags, on, true), off, false);
  if (end === ")") return undefined;
  const node = readChoice(reader);
  closeGroup(reader);
  reader.flags = flags;
  return node;
}

function setFlags(flags: Flags, names: string, value: boolean): Flags {
  return {
    fold: names.includes("i") ? value : flags.fold,
    multiline: names.includes("m") ? value : flags.multiline,
    dotAll: names.includes("s") ? value : flags.dotAll,
    lazy: names.includes("U") ? value : flags.lazy,
  };
}

function readCapture(reader: Reader, name: string | undefined): RegexpNode {
  const index = reader.names.push(name) - 1;
  const node = readChoice(reader);
  closeGroup(reader);
  return { type: "group", index, node };
}

function closeGroup(reader: Reader): void {
  if (reader.text[reader.at] !== ")") throw patternError("missing closing )", reader.text);
  reader.at += 1;
}
