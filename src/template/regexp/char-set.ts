import { runesOf } from "../go-text.ts";

/** A set of code points. */
export type CharSet = (code: number) => boolean;

/** From `low` to `high`, both included. */
export function rangeSet(low: number, high: number): CharSet {
  return (code) => code >= low && code <= high;
}

/** What is in any of the sets. */
export function unionOf(sets: readonly CharSet[]): CharSet {
  const [only] = sets;
  if (sets.length === 1 && only !== undefined) return only;
  return (code) => sets.some((set) => set(code));
}

/** What is not in the set. */
export function complementOf(set: CharSet): CharSet {
  return (code) => !set(code);
}

/** The set, upper and lower case of its letters included. */
export function foldedSet(set: CharSet): CharSet {
  return (code) => set(code) || variants(code).some((variant) => set(variant));
}

const known = new Map<number, readonly number[]>();

function variants(code: number): readonly number[] {
  const cached = known.get(code);
  if (cached !== undefined) return cached;
  const char = String.fromCodePoint(code);
  const lower = char.toLowerCase();
  // The Kelvin sign and the long s are cases of k and s, too.
  const others = [lower, char.toUpperCase(), lower.toUpperCase(), ...(extra[lower] ?? [])];
  const found = others.filter((other) => other !== char && runesOf(other).length === 1);
  const codes = [...new Set(found.map((other) => other.codePointAt(0) ?? 0))];
  if (known.size < 10_000) known.set(code, codes);
  return codes;
}

const extra: Readonly<Record<string, readonly string[]>> = {
  k: ["\u212a"],
  s: ["\u017f"],
  "\u017f": ["s", "S"],
};

const digit = rangeSet(48, 57);
const upper = rangeSet(65, 90);
const lower = rangeSet(97, 122);
/** What `\b` takes for a part of a word. */
export const wordSet = unionOf([digit, upper, lower, rangeSet(95, 95)]);
const perlSpace = unionOf([rangeSet(9, 10), rangeSet(12, 13), rangeSet(32, 32)]);

/** `\d`, `\s`, `\w`. */
export const perlSets: Readonly<Record<string, CharSet>> = { d: digit, s: perlSpace, w: wordSet };

/** `[:alpha:]` and its like. */
export const posixSets: Readonly<Record<string, CharSet>> = {
  alnum: unionOf([digit, upper, lower]),
  alpha: unionOf([upper, lower]),
  ascii: rangeSet(0, 127),
  blank: unionOf([rangeSet(9, 9), rangeSet(32, 32)]),
  cntrl: unionOf([rangeSet(0, 31), rangeSet(127, 127)]),
  digit,
  graph: rangeSet(33, 126),
  lower,
  print: rangeSet(32, 126),
  punct: unionOf([rangeSet(33, 47), rangeSet(58, 64), rangeSet(91, 96), rangeSet(123, 126)]),
  space: unionOf([rangeSet(9, 13), rangeSet(32, 32)]),
  upper,
  word: wordSet,
  xdigit: unionOf([digit, rangeSet(65, 70), rangeSet(97, 102)]),
};

/** `\p{Greek}`, `\pL`; undefined when there is no such script or category. */
export function unicodeSet(name: string): CharSet | undefined {
  if (name === "Any") return () => true;
  if (!/^[A-Za-z_]+$/.test(name)) return undefined;
  const property = name.length <= 2 ? `gc=${name}` : `Script=${name}`;
  try {
    const pattern = new RegExp(`^\\p{${property}}$`, "u");
    return (code) => pattern.test(String.fromCodePoint(code));
  } catch {
    return undefined;
  }
}
