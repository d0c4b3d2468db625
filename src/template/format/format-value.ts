import type { Budget } from "../budget.ts";
import { compareText, runesOf, sliceBytes, toBytes } from "../go-text.ts";
import { formatTime } from "../time/format-time.ts";
import { months, weekdays } from "../time/layout.ts";
import { typeName } from "../type-name.ts";
import type { Dict, Integer, List, Struct, Value, Version } from "../value.ts";
import { pad, plainDirective, runeCount, type Directive } from "./directive.ts";
import { formatFloat } from "./format-float.ts";
import { formatInteger } from "./format-integer.ts";
import { canBackquote, quoteText } from "./quote.ts";

/** `%v`: what `{{value}}` prints, but for a value that is not there. @throws LimitError */
export function display(value: Value, budget: Budget): string {
  if (typeof value === "string") return value;
  return formatValue(value, "v", plainDirective, { budget, depth: 0 });
}

export type FormatContext = { readonly budget: Budget; readonly depth: number };

/** The text of an integer that has a name, or of a time or a version: what their String methods return. */
function textOfNamed(value: Value): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (value.kind === "time") return formatTime(value, "2006-01-02 15:04:05.999999999 -0700 MST");
  if (value.kind === "version") return versionText(value);
  if (value.kind !== "integer" || !value.type.startsWith("time.")) return undefined;
  const number = Number(value.value);
  return value.type === "time.Month" ? months[number - 1] : weekdays[number];
}

function versionText(value: Version): string {
  const prerelease = value.prerelease === "" ? "" : `-${value.prerelease}`;
  const metadata = value.metadata === "" ? "" : `+${value.metadata}`;
  return `${value.major}.${value.minor}.${value.patch}${prerelease}${metadata}`;
}

/** One value for one verb, as fmt.Printf has it; a verb that does not fit gives `%!d(string=x)`. */
export function formatValue(
  value: Value,
  verb: string,
  directive: Directive,
  context: FormatContext,
): string {
  context.budget.spend(1);
  if (verb === "T") return formatString(typeName(value), "s", directive) ?? "";
  if (value === undefined || value === null) {
    return verb === "v" ? pad("<nil>", { ...directive, zero: false }) : `%!${verb}(<nil>)`;
  }
  const name = /^[vsxXq]$/.test(verb) && !directive.goSyntax ? textOfNamed(value) : undefined;
  return (
    formatSimple(name ?? value, verb, directive) ??
    formatComposite(value, verb, directive, context) ??
    badVerb(value, verb, directive, context)
  );
}

function badVerb(value: Value, verb: string, directive: Directive, context: FormatContext): string {
  const shown = formatValue(value, "v", directive, context);
  return `%!${verb}(${typeName(value)}=${shown})`;
}

function formatSimple(value: Value, verb: string, directive: Directive): string | undefined {
  if (typeof value === "string") return formatString(value, verb, directive);
  if (typeof value === "boolean") {
    return verb === "t" || verb === "v" ? pad(String(value), directive) : undefined;
  }
  if (typeof value === "number") return formatNumber(value, verb, directive);
  if (typeof value === "object" && value !== null && value.kind === "integer") {
    return formatWhole(value, verb, directive);
  }
  return undefined;
}

function formatWhole(value: Integer, verb: string, directive: Directive): string | undefined {
  if (verb !== "v") return formatInteger(value, verb, directive);
  const isByte = directive.goSyntax && value.type.startsWith("uint");
  return formatInteger(
    value,
    isByte ? "x" : "d",
    isByte ? { ...directive, sharp: true } : directive,
  );
}

function formatString(text: string, verb: string, directive: Directive): string | undefined {
  const { precision } = directive;
  switch (verb) {
    case "v":
      if (directive.goSyntax) return pad(quoteText(text), directive);
      return pad(cut(text, precision), directive);
    case "s":
      return pad(cut(text, precision), directive);
    case "q": {
      const short = cut(text, precision);
      if (directive.sharp && canBackquote(short)) return pad(`\`${short}\``, directive);
      return pad(quoteText(short, '"', directive.plus), directive);
    }
    case "x":
    case "X":
      return pad(formatHex(text, verb, directive), directive);
    default:
      return undefined;
  }
}

function cut(text: string, precision: number | undefined): string {
  if (precision === undefined || runeCount(text) <= precision) return text;
  return runesOf(text).slice(0, precision).join("");
}

function formatHex(text: string, verb: "x" | "X", { precision, space, sharp }: Directive): string {
  const short = precision === undefined ? text : sliceBytes(text, 0, precision);
  const digits = [...toBytes(short)].map((byte) => byte.toString(16).padStart(2, "0"));
  const prefix = sharp && digits.length > 0 ? "0x" : "";
  const joined = space ? digits.map((pair) => prefix + pair).join(" ") : prefix + digits.join("");
  return verb === "X" ? joined.toUpperCase() : joined;
}

function formatNumber(value: number, verb: string, directive: Directive): string | undefined {
  const kind = verb.toLowerCase();
  if (verb !== "v" && verb !== "F" && !/^[eEfgG]$/.test(verb)) return undefined;
  const precision = directive.precision ?? (kind === "e" || kind === "f" ? 6 : undefined);
  const form = kind === "e" || kind === "f" ? kind : "g";
  const plain = formatFloat(value, form, precision);
  const sized = /^[EG]$/.test(verb) ? plain.toUpperCase() : plain;
  const body = sized.replace(/^[+-]/, "");
  const sign = sized.startsWith("-")
    ? "-"
    : directive.plus || sized === "+Inf"
      ? "+"
      : directive.space
        ? " "
        : "";
  const shownSign = sized === "+Inf" && directive.space && !directive.plus ? " " : sign;
  if (!Number.isFinite(value)) return pad(shownSign + body, { ...directive, zero: false });
  if (!directive.zero || directive.minus || directive.width === undefined) {
    return pad(shownSign + body, directive);
  }
  return shownSign + body.padStart(directive.width - shownSign.length, "0");
}

function formatComposite(
  value: Value,
  verb: string,
  directive: Directive,
  context: FormatContext,
): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const inner = { ...context, depth: context.depth + 1 };
  context.budget.checkDepth(inner.depth);
  switch (value.kind) {
    case "list":
      return formatList(value, verb, directive, inner);
    case "map":
      return formatDict(value, verb, directive, inner);
    case "struct":
      return formatStruct(value, verb, directive, inner);
    case "integer":
    case "time":
    case "version":
      return undefined;
  }
}

function element(value: Value, verb: string, directive: Directive, context: FormatContext): string {
  if (value !== null && value !== undefined) return formatValue(value, verb, directive, context);
  return directive.goSyntax ? "interface {}(nil)" : "<nil>";
}

function join(parts: readonly string[], separator: string, { budget }: FormatContext): string {
  const text = parts.join(separator);
  budget.spendText(text.length);
  return text;
}

function formatList(
  value: List,
  verb: string,
  directive: Directive,
  context: FormatContext,
): string {
  const parts = value.items.map((item) => element(item, verb, directive, context));
  if (!directive.goSyntax) return `[${join(parts, " ", context)}]`;
  return value.isNil ? `${value.type}(nil)` : `${value.type}{${join(parts, ", ", context)}}`;
}

function formatDict(
  value: Dict,
  verb: string,
  directive: Directive,
  context: FormatContext,
): string {
  const keys = [...value.entries.keys()].toSorted(compareText);
  const parts = keys.map((key) => {
    const shown = formatValue(key, verb, directive, context);
    return `${shown}:${element(value.entries.get(key), verb, directive, context)}`;
  });
  if (!directive.goSyntax) return `map[${join(parts, " ", context)}]`;
  return value.isNil ? `${value.type}(nil)` : `${value.type}{${join(parts, ", ", context)}}`;
}

function formatStruct(
  value: Struct,
  verb: string,
  directive: Directive,
  context: FormatContext,
): string {
  const named = directive.names || directive.goSyntax;
  const parts = [...value.fields].map(([name, field]) => {
    const shown = element(field, verb, directive, context);
    return named ? `${name}:${shown}` : shown;
  });
  if (directive.goSyntax) return `${typeName(value)}{${join(parts, ", ", context)}}`;
  return `{${join(parts, " ", context)}}`;
}
