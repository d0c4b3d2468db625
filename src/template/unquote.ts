import { fromBytes, toBytes } from "./go-text.ts";

const simple: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

const escape =
  /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y;

/** What a Go literal in double quotes or single quotes means, its quotes included; undefined when it is none. */
export function unquote(literal: string): string | undefined {
  const quote = literal[0] ?? "";
  const end = literal.length - 1;
  let text = "";
  let hasBytes = false;
  for (let at = 1; at < end;) {
    if (literal[at] === quote || literal[at] === "\n") return undefined;
    if (literal[at] !== "\\") {
      text += literal[at];
      at += 1;
      continue;
    }
    escape.lastIndex = at;
    const match = escape.exec(literal);
    if (match === null || escape.lastIndex > end) return undefined;
    const piece = readEscape(match, quote);
    if (piece === undefined) return undefined;
    hasBytes ||= match[2] !== undefined || match[5] !== undefined;
    text += piece;
    at = escape.lastIndex;
  }
  // Bytes that stand side by side may be one character.
  return hasBytes ? fromBytes(toBytes(text)) : text;
}

function readEscape(match: RegExpExecArray, quote: string): string | undefined {
  const [, letter, byte, short, long, octal] = match;
  if (letter === "'" || letter === '"') return letter === quote ? letter : undefined;
  if (letter !== undefined) return simple[letter];
  const code = Number.parseInt(byte ?? short ?? long ?? octal ?? "", octal === undefined ? 16 : 8);
  if (short !== undefined || long !== undefined) {
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
    return String.fromCodePoint(code);
  }
  if (code > 0xff) return undefined;
  // In single quotes it is a character, in double quotes a byte.
  return quote === "'" ? String.fromCodePoint(code) : fromBytes(Uint8Array.of(code));
}
