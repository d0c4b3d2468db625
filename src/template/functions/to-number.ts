import { parseNumber } from "../scan-number.ts";
import { isInteger, type Value } from "../value.ts";

/** What sprig takes for an int64: a text in Go's syntax, a float without its fraction; 0 for all else. */
export function toInt64(value: Value): bigint {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (isInteger(value)) return BigInt.asIntN(64, value.value);
  if (typeof value === "number") {
    const inRange = Number.isFinite(value) && Math.abs(value) < 2 ** 63;
    return inRange ? BigInt(Math.trunc(value)) : -(2n ** 63n);
  }
  if (typeof value !== "string") return 0n;
  const constant = parseNumber(value.replace(/\.0*$/, ""));
  const whole = constant === undefined || constant.isFloat ? 0n : (constant.integer ?? 0n);
  return BigInt.asIntN(64, whole) === whole ? whole : 0n;
}

/** What sprig takes for a float64. */
export function toFloat64(value: Value): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (isInteger(value)) return Number(value.value);
  if (typeof value !== "string") return 0;
  const special = /^([+-]?)(?:inf|infinity)$/i.exec(value);
  if (special !== null) return special[1] === "-" ? -Infinity : Infinity;
  if (/^nan$/i.test(value)) return Number.NaN;
  const plain = value.replace(/(?<=\d)_(?=\d)/g, "");
  const isDecimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain);
  if (isDecimal) return Number.isFinite(Number(plain)) ? Number(plain) : 0;
  return /^[+-]?0x.*p/i.test(value) ? (parseNumber(value)?.float ?? 0) : 0;
}

const largest = 2n ** 63n - 1n;

/** Decimal digits as strconv.ParseInt reads them: the nearest int64 where they are too many, 0 where they are none. */
export function parseInt64(text: string): bigint {
  const [, sign, digits] = /^([+-]?)0*(\d+)$/.exec(text) ?? [];
  if (digits === undefined) return 0n;
  // Longer ones are not even read: that would take the square of their length.
  const size = digits.length > 19 ? 2n ** 63n : BigInt(digits);
  if (sign === "-") return size > largest ? -largest - 1n : -size;
  return size > largest ? largest : size;
}

/** The value of octal digits, 0 when they are none. */
export function octalOf(text: string): bigint {
  const match = /^([+-]?)([0-7]{1,21})$/.exec(text);
  if (match === null) return 0n;
  const value = BigInt(`0o${match[2]}`);
  if (value >= 2n ** 63n) return 0n;
  return match[1] === "-" ? -value : value;
}
