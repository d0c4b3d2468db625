import { numberEnd } from "./scan-number.ts";

/** A word or sign of an action; `text` as it is written, quotes included. */
export type Token = {
  readonly type:
    | "field"
    | "variable"
    | "identifier"
    | "dot"
    | "number"
    | "character"
    | "string"
    | "raw"
    | "mark";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** White space stands before it. */
  readonly spaced: boolean;
};

type ScanProblem = {
  readonly message: string;
  readonly start: number;
  readonly end: number;
};

/** An action in tokens, up to its end or its first problem. */
export type ScannedAction = {
  readonly tokens: readonly Token[];
  readonly problem: ScanProblem | undefined;
  /** Behind the closing braces. */
  readonly end: number;
  readonly trimsRight: boolean;
};

const space = /[ \t\r\n]*/y;
const word = /[\p{L}\p{Nd}_]*/uy;
const close = /(?:[ \t\r\n]-)?\}\}/y;
const wordChar = /^[\p{L}\p{Nd}_]/u;

/** Reads the tokens of an action whose content begins at `start`, up to its closing braces or the first problem. */
export function scanAction(text: string, start: number): ScannedAction {
  const tokens: Token[] = [];
  for (let at = start; ;) {
    const closing = matchAt(close, text, at);
    if (closing !== "") {
      const end = at + closing.length;
      return { tokens, problem: undefined, end, trimsRight: closing.length > 2 };
    }
    const spaces = matchAt(space, text, at).length;
    // The last white space belongs to a closing " -}}".
    const from = at + (spaces > 1 && closesAt(text, at + spaces - 1) ? spaces - 1 : spaces);
    if (from > at && closesAt(text, from)) {
      at = from;
      continue;
    }
    if (from >= text.length) {
      const problem = { message: "unclosed action", start: start - 2, end: start };
      return { tokens, problem, end: text.length, trimsRight: false };
    }
    const token = scanToken(text, from, spaces > 0);
    if ("message" in token) return recover(text, tokens, token);
    tokens.push(token);
    at = token.end;
  }
}

function closesAt(text: string, at: number): boolean {
  return matchAt(close, text, at) !== "";
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

// What follows the action is still worth reading: its other problems are told too.
function recover(text: string, tokens: readonly Token[], problem: ScanProblem): ScannedAction {
  const braces = text.indexOf("}}", problem.start);
  const end = braces === -1 ? text.length : braces + 2;
  return { tokens, problem, end, trimsRight: text[braces - 1] === "-" };
}

function scanToken(text: string, start: number, spaced: boolean): Token | ScanProblem {
  const char = text[start] ?? "";
  const next = text[start + 1] ?? "";
  const make = (type: Token["type"], end: number): Token => {
    return { type, text: text.slice(start, end), start, end, spaced };
  };
  if (char === '"' || char === "'") return scanQuoted(text, start, make);
  if (char === "`") {
    const end = text.indexOf("`", start + 1);
    if (end === -1) return problemAt(start, start + 1, "unterminated raw quoted string");
    return make("raw", end + 1);
  }
  if (char === ":" && next === "=") return make("mark", start + 2);
  if ("(),|=".includes(char)) return make("mark", start + 1);
  if (char === ":") return problemAt(start, start + 1, "expected :=");
  if (/[+\-0-9]/.test(char) || (char === "." && /[0-9]/.test(next))) {
    const end = numberEnd(text, start);
    const after = text.slice(end, end + 2);
    if (!wordChar.test(after) && !/^[+-]/.test(after)) return make("number", end);
    return problemAt(start, end + 1, `bad number syntax: "${text.slice(start, end + 1)}"`);
  }
  return scanWord(text, start, make);
}

function scanWord(
  text: string,
  start: number,
  make: (type: Token["type"], end: number) => Token,
): Token | ScanProblem {
  const char = text[start] ?? "";
  const isPrefixed = char === "." || char === "$";
  const end =
    start + (isPrefixed ? 1 : 0) + matchAt(word, text, start + (isPrefixed ? 1 : 0)).length;
  if (end === start) {
    const shown = String.fromCodePoint(text.codePointAt(start) ?? 0);
    return problemAt(
      start,
      start + shown.length,
      `unexpected ${JSON.stringify(shown)} in an action`,
    );
  }
  if (char === "." && end === start + 1) return make("dot", end);
  const after = text.slice(end, end + 2);
  if (after !== "" && after !== "}}" && !/^[ \t\r\n.,|:()]/.test(after)) {
    const shown = String.fromCodePoint(after.codePointAt(0) ?? 0);
    return problemAt(end, end + shown.length, `bad character ${JSON.stringify(shown)}`);
  }
  return make(char === "." ? "field" : char === "$" ? "variable" : "identifier", end);
}

function scanQuoted(
  text: string,
  start: number,
  make: (type: Token["type"], end: number) => Token,
): Token | ScanProblem {
  const quote = text[start];
  const isString = quote === '"';
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return make(isString ? "string" : "character", at + 1);
    if (text[at] === "\n") break;
  }
  const kind = isString ? "quoted string" : "character constant";
  return problemAt(start, start + 1, `unterminated ${kind}`);
}

function problemAt(start: number, end: number, message: string): ScanProblem {
  return { message, start, end };
}
