/** `digits` / 10^`scale`: sprig adds 0.1 and 0.2 to 0.3. */
export type Decimal = { readonly digits: bigint; readonly scale: number };

/** The decimal that a float is written as. @throws Error for infinity and NaN. */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new Error(`Cannot create a Decimal from ${value}`);
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** The float that is nearest. */
export function toFloat({ digits, scale }: Decimal): number {
  return Number(`${digits}e-${scale}`);
}

const places = 16;

/** A quotient with 16 digits behind the point. @throws Error for a divisor of 0. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) throw new Error("decimal division by 0");
  const numerator = a.digits * 10n ** BigInt(places + b.scale);
  const denominator = b.digits * 10n ** BigInt(a.scale);
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  const isHalf = abs(rest) * 2n >= abs(denominator);
  const away = numerator < 0n === denominator < 0n ? 1n : -1n;
  return { digits: isHalf ? quotient + away : quotient, scale: places };
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
