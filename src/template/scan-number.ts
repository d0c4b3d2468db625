/** The value of a number or character constant; undefined when it is none. */
export type Constant = {
  readonly integer: bigint | undefined;
  readonly float: number;
  readonly isFloat: boolean;
};

const shape =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

/** Where a number that begins at `start` ends; it may still be none, as "1__0". */
export function numberEnd(text: string, start: number): number {
  shape.lastIndex = start;
  shape.test(text);
  return Math.max(shape.lastIndex, start + 1);
}

// No number that anybody means is near.
const longest = 1000;

/** Reads a constant of Go's syntax: `0x1F`, `1_000`, `017`, `0b11`, `1e3`, `.5`, `0x1p-2`. */
export function parseNumber(text: string): Constant | undefined {
  if (text.length > longest) return undefined;
  const sign = text.startsWith("-") ? -1 : 1;
  const body = text.replace(/^[+-]/, "");
  if (!underscoresFit(body)) return undefined;
  const digits = body.replaceAll("_", "");
  const integer = parseInteger(digits);
  if (integer !== undefined) {
    const value = BigInt(sign) * integer;
    return { integer: value, float: Number(value), isFloat: false };
  }
  const float = /^0x/i.test(digits) ? parseHexFloat(digits) : parseDecimal(digits);
  if (float === undefined || !Number.isFinite(float)) return undefined;
  const signed = sign * float;
  return { integer: wholeNumber(signed), float: signed, isFloat: true };
}

function wholeNumber(value: number): bigint | undefined {
  const fits = Number.isInteger(value) && Math.abs(value) < 2 ** 63;
  return fits ? BigInt(value) : undefined;
}

// "_" only between digits, or behind the prefix of a base.
function underscoresFit(text: string): boolean {
  if (!text.includes("_")) return true;
  return /^0x/i.test(text)
    ? /^0[xX](?:_?[0-9a-fA-F]|[.pP+-](?!_))*$/.test(text)
    : /^(?:0[oObB])?(?:_?[0-9]|[.eE+-](?!_))*$/.test(text);
}

function parseInteger(digits: string): bigint | undefined {
  if (/^(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/.test(digits)) {
    return BigInt(digits.toLowerCase());
  }
  return /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : undefined;
}

function parseDecimal(digits: string): number | undefined {
  if (/^0[0-9]+$/.test(digits)) return undefined;
  return /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(digits)
    ? Number(digits)
    : undefined;
}

function parseHexFloat(digits: string): number | undefined {
  const match = /^0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?[0-9]+)$/i.exec(digits);
  if (match === null) return undefined;
  const [, whole = "", fraction = "", exponent = ""] = match;
  if (whole + fraction === "" || digits.length > 64) return undefined;
  return Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
}
