import type { Integer } from "../value.ts";
import { pad, type Directive } from "./directive.ts";
import { quoteText } from "./quote.ts";

const bases: Readonly<Record<string, { base: number; prefix: string }>> = {
  d: { base: 10, prefix: "" },
  b: { base: 2, prefix: "0b" },
  o: { base: 8, prefix: "0" },
  O: { base: 8, prefix: "0o" },
  x: { base: 16, prefix: "0x" },
  X: { base: 16, prefix: "0X" },
};

/** An integer for one of the verbs d, b, o, O, x, X, c, q, U; undefined for others. */
export function formatInteger(
  { value }: Integer,
  verb: string,
  directive: Directive,
): string | undefined {
  if (verb === "c" || verb === "q") {
    const char = toChar(value);
    if (verb === "c") return pad(char, directive);
    return pad(quoteText(char, "'", directive.plus), directive);
  }
  if (verb === "U") return formatUnicode(value, directive);
  const form = bases[verb];
  if (form === undefined) return undefined;
  const digits = (value < 0n ? -value : value).toString(form.base);
  const shown = verb === "X" ? digits.toUpperCase() : digits;
  const prefix = verb === "O" || directive.sharp ? form.prefix : "";
  const sign = value < 0n ? "-" : directive.plus ? "+" : directive.space ? " " : "";
  return place({ sign, prefix, digits: shown }, directive);
}

type Parts = { readonly sign: string; readonly prefix: string; readonly digits: string };

function place({ sign, prefix, digits }: Parts, directive: Directive): string {
  const { precision, zero, minus, width } = directive;
  if (precision !== undefined) {
    if (precision === 0 && digits === "0") return pad("", { ...directive, zero: false });
    const filled = digits.padStart(precision, "0");
    const short = prefix === "0" && filled.startsWith("0") ? "" : prefix;
    return pad(sign + short + filled, { ...directive, zero: false });
  }
  const short = prefix === "0" && digits.startsWith("0") ? "" : prefix;
  if (!zero || minus || width === undefined) return pad(sign + short + digits, directive);
  // Go counts the sign, not the prefix.
  const filled = digits.padStart(width - sign.length, "0");
  return sign + (prefix === "0" && filled.startsWith("0") ? "" : prefix) + filled;
}

function toChar(value: bigint): string {
  const isValid = value >= 0n && value <= 0x10ffffn && (value < 0xd800n || value > 0xdfffn);
  return isValid ? String.fromCodePoint(Number(value)) : "\ufffd";
}

function formatUnicode(value: bigint, directive: Directive): string {
  const code = BigInt.asUintN(64, value);
  const digits = code
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, directive.precision ?? 4), "0");
  const char = directive.sharp && code <= 0x10ffffn ? ` '${toChar(code)}'` : "";
  return pad(`U+${digits}${char}`, { ...directive, zero: false });
}
