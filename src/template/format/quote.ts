const named: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

const plain = /^[ !#-&(-[\]-~]*$/;
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** `text` as a Go literal between `quote` marks; `ascii` escapes all others too. */
export function quoteText(text: string, quote: '"' | "'" = '"', ascii: boolean = false): string {
  if (plain.test(text)) return quote + text + quote;
  let quoted = quote as string;
  for (const char of text) quoted += quoteChar(char, quote, ascii);
  return quoted + quote;
}

function quoteChar(char: string, quote: string, ascii: boolean): string {
  if (char === quote) return `\\${char}`;
  const escape = named[char];
  if (escape !== undefined) return escape;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80 ? code >= 0x20 && code !== 0x7f : !ascii && printable.test(char)) return char;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  // A byte that is no UTF-8.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, length: number): string {
  return code.toString(16).padStart(length, "0");
}

/** Can stand between backquotes as it is. */
export function canBackquote(text: string): boolean {
  return text.isWellFormed() && !/[`\ufeff]|(?!\t)\p{Cc}/u.test(text);
}
