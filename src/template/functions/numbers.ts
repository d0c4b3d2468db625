import { display } from "../format/format-value.ts";
import { fixed, variadic, type CallContext, type TemplateFunction } from "../function.ts";
import { int, int64, list, type Value } from "../value.ts";
import { decimalOf, divideDecimals, toFloat, type Decimal } from "./decimal.ts";
import { octalOf, parseInt64, toFloat64, toInt64 } from "./to-number.ts";

type Fold = (a: bigint, b: bigint) => bigint;

function fold(values: readonly Value[], start: bigint, combine: Fold): Value {
  return int64(values.reduce((sum: bigint, value) => combine(sum, toInt64(value)), start));
}

function foldFloats(
  values: readonly Value[],
  combine: (a: Decimal, b: Decimal) => Decimal,
): number {
  const [first, ...others] = values.map((value) => decimalOf(toFloat64(value)));
  return first === undefined ? 0 : toFloat(others.reduce(combine, first));
}

function align(a: Decimal, b: Decimal): { x: bigint; y: bigint; scale: number } {
  const scale = Math.max(a.scale, b.scale);
  const widen = ({ digits, scale: own }: Decimal): bigint => digits * 10n ** BigInt(scale - own);
  return { x: widen(a), y: widen(b), scale };
}

function addDecimals(a: Decimal, b: Decimal): Decimal {
  const { x, y, scale } = align(a, b);
  return { digits: x + y, scale };
}

function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { digits: -b.digits, scale: b.scale });
}

function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

function divisor(value: Value): bigint {
  const number = toInt64(value);
  if (number === 0n) throw new Error("integer divide by zero");
  return number;
}

function round(value: Value, places: number, roundOn: number = 0.5): number {
  const power = 10 ** places;
  const digit = power * toFloat64(value);
  const fraction = digit - Math.trunc(digit);
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power;
}

function steps(start: number, stop: number, step: number, { budget }: CallContext): number[] {
  const goesOn = stop < start ? step < 0 : step > 0;
  if (!goesOn) return [];
  const count = Math.ceil((stop - start) / step);
  budget.spend(count);
  return Array.from({ length: count }, (_, index) => start + index * step);
}

function sequence(bounds: readonly number[], context: CallContext): string {
  const [first = 0, second, third] = bounds;
  if (bounds.length === 0 || bounds.length > 3) return "";
  const start = second === undefined ? 1 : first;
  const end = third ?? second ?? first;
  const direction = end < start ? -1 : 1;
  const step = third === undefined ? direction : (second ?? direction);
  if (step === 0 || Math.sign(step) !== direction) return "";
  return steps(start, end + direction, step, context).join(" ");
}

const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smallest = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const ints = (numbers: readonly number[]): Value =>
  list(
    numbers.map((number) => int(number)),
    "[]int",
  );
const floats = (combine: (a: Decimal, b: Decimal) => Decimal): TemplateFunction =>
  variadic(["any"], "any", ([first], others) => foldFloats([first, ...others], combine));
const max = variadic(["any"], "any", ([first], others) => fold(others, toInt64(first), largest));

/** sprig's functions for numbers. */
export const numberFunctions: Readonly<Record<string, TemplateFunction>> = {
  add: variadic([], "any", (_, values) => fold(values, 0n, (a, b) => a + b)),
  add1: fixed(["any"], ([value]) => int64(toInt64(value) + 1n)),
  sub: fixed(["any", "any"], ([a, b]) => int64(toInt64(a) - toInt64(b))),
  mul: variadic(["any"], "any", ([first], others) =>
    fold(others, toInt64(first), (a, b) => BigInt.asIntN(64, a * b)),
  ),
  div: fixed(["any", "any"], ([a, b]) => int64(toInt64(a) / divisor(b))),
  mod: fixed(["any", "any"], ([a, b]) => int64(toInt64(a) % divisor(b))),
  max,
  biggest: max,
  min: variadic(["any"], "any", ([first], others) => fold(others, toInt64(first), smallest)),
  addf: variadic([], "any", (_, values) => foldFloats(values, addDecimals)),
  add1f: fixed(["any"], ([value]) => foldFloats([value, 1], addDecimals)),
  subf: floats(subtractDecimals),
  mulf: floats(multiplyDecimals),
  divf: floats(divideDecimals),
  maxf: variadic(["any"], "any", ([first], others) =>
    Math.max(...[first, ...others].map(toFloat64)),
  ),
  minf: variadic(["any"], "any", ([first], others) =>
    Math.min(...[first, ...others].map(toFloat64)),
  ),
  floor: fixed(["any"], ([value]) => Math.floor(toFloat64(value))),
  ceil: fixed(["any"], ([value]) => Math.ceil(toFloat64(value))),
  round: variadic(["any", "int"], "float64", ([value, places], [roundOn]) =>
    round(value, places, roundOn),
  ),
  until: fixed(["int"], ([count], context) => ints(steps(0, count, count < 0 ? -1 : 1, context))),
  untilStep: fixed(["int", "int", "int"], ([start, stop, step], context) => {
    return ints(steps(start, stop, step, context));
  }),
  seq: variadic([], "int", (_, bounds, context) => sequence(bounds, context)),
  int: fixed(["any"], ([value]) => int(toInt64(value))),
  int64: fixed(["any"], ([value]) => int64(toInt64(value))),
  float64: fixed(["any"], ([value]) => toFloat64(value)),
  atoi: fixed(["string"], ([text]) => int(parseInt64(text))),
  toDecimal: fixed(["any"], ([value], { budget }) => int64(octalOf(display(value, budget)))),
};
