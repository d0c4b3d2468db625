// Exact: JavaScript's own methods round ties upwards, Go to even.

const buffer = new DataView(new ArrayBuffer(8));

// |value| is mantissa * 2^exponent.
function split(value: number): { mantissa: bigint; exponent: number } {
  buffer.setFloat64(0, Math.abs(value));
  const bits = buffer.getBigUint64(0);
  const raw = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  return raw === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: raw - 1075 };
}

// |value| * 10^scale, rounded half to even.
function scaleRounded(value: number, scale: number): bigint {
  const { mantissa, exponent } = split(value);
  const up = mantissa * (scale > 0 ? 10n ** BigInt(scale) : 1n);
  const numerator = exponent > 0 ? up << BigInt(exponent) : up;
  const down = scale < 0 ? 10n ** BigInt(-scale) : 1n;
  const denominator = exponent < 0 ? down << BigInt(-exponent) : down;
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

// No float64 has more digits behind the point.
const mostDigits = 1100;

function fixedDigits(value: number, precision: number): string {
  const exact = Math.min(precision, mostDigits);
  const digits = scaleRounded(value, exact)
    .toString()
    .padStart(exact + 1, "0");
  const whole = digits.slice(0, digits.length - exact);
  const fraction = digits.slice(digits.length - exact).padEnd(precision, "0");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

// `count` significant digits and the exponent of the first.
function significant(value: number, count: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: "0".repeat(count), exponent: 0 };
  const exact = Math.min(count, mostDigits);
  const guess = Number(Math.abs(value).toExponential().split("e")[1]);
  const digits = scaleRounded(value, exact - 1 - guess).toString();
  // 9.99 rounded to two digits is 10.
  const isLonger = digits.length > exact;
  return {
    digits: digits.slice(0, exact).padEnd(count, "0"),
    exponent: isLonger ? guess + 1 : guess,
  };
}

function shortest(value: number): { digits: string; exponent: number } {
  const [mantissa = "", exponent = "0"] = Math.abs(value).toExponential().split("e");
  return { digits: mantissa.replace(".", ""), exponent: Number(exponent) };
}

function exponential(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  const sign = exponent < 0 ? "-" : "+";
  return `${digits[0]}${fraction}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/**
 * A float as strconv writes it, with "-" for negative ones. `precision` undefined means as few digits as tell it apart.
 */
export function formatFloat(
  value: number,
  verb: "e" | "f" | "g",
  precision: number | undefined,
): string {
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (!Number.isFinite(value)) return sign === "" ? "+Inf" : "-Inf";
  return sign + formatFinite(value, verb, precision);
}

function formatFinite(value: number, verb: "e" | "f" | "g", precision: number | undefined): string {
  if (verb === "f") {
    if (precision !== undefined) return fixedDigits(value, precision);
    const { digits, exponent } = shortest(value);
    return positional(digits, exponent);
  }
  if (verb === "e") {
    const { digits, exponent } =
      precision === undefined ? shortest(value) : significant(value, precision + 1);
    return exponential(digits, exponent);
  }
  const { digits: all, exponent } =
    precision === undefined ? shortest(value) : significant(value, Math.max(1, precision));
  const digits = all.replace(/(?<=.)0+$/, "");
  const limit = precision === undefined ? 21 : Math.max(1, precision);
  const wide = limit > digits.length && digits.length >= exponent + 1 ? digits.length : limit;
  const threshold = precision === undefined ? 6 : wide;
  return exponent < -4 || exponent >= threshold
    ? exponential(digits, exponent)
    : positional(digits, exponent);
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`.replace(/^0\.0$/, "0");
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
