const code = (character: string): number => character.charCodeAt(0);
const quote = code('"');
const backslash = code("\\");
const comma = code(",");
const openBracket = code("[");
const openBrace = code("{");
const closeBracket = code("]");
const closeBrace = code("}");

// A manifest needs five levels. The longest list of layers that fits into 4 MiB has fewer values.
const maxDepth = 100;
const maxValues = 200_000;

/**
 * Looks through JSON for what would cost a parser far more memory than the text has bytes: deep nesting, and a great
 * many tiny values. Other faults are left to the parser.
 * @throws SyntaxError
 */
export function requireModestJson(bytes: Uint8Array): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) {
      at = endOfString(bytes, at);
    } else if (byte === comma) {
      values += 1;
    } else if (byte === openBrace || byte === openBracket) {
      values += 1;
      depth += 1;
      if (depth > maxDepth) throw new SyntaxError(`it is nested deeper than ${maxDepth} levels`);
    } else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1;
    }
    if (values > maxValues) throw new SyntaxError(`it has more than ${maxValues} values`);
  }
}

function endOfString(bytes: Uint8Array, start: number): number {
  let end = bytes.indexOf(quote, start + 1);
  while (end !== -1 && isEscaped(bytes, end)) end = bytes.indexOf(quote, end + 1);
  return end === -1 ? bytes.length : end;
}

function isEscaped(bytes: Uint8Array, at: number): boolean {
  let start = at;
  while (bytes[start - 1] === backslash) start -= 1;
  return (at - start) % 2 === 1;
}
