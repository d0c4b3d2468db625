import type { Budget } from "../budget.ts";
import { typeName } from "../type-name.ts";
import { isInteger, type Value } from "../value.ts";
import { plainDirective, type Directive } from "./directive.ts";
import { formatValue } from "./format-value.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type Reader = {
  readonly format: string;
  at: number;
  readonly args: readonly Value[];
  next: number;
  /** An index as in %[2]d was used: left-over arguments are no mistake then. */
  reordered: boolean;
  goodIndex: boolean;
};

const widest = 1_000_000;

/** fmt.Sprintf. Mistakes are written into the text, as Go does. @throws LimitError */
export function printf(format: string, args: readonly Value[], budget: Budget): string {
  const reader: Reader = { format, at: 0, args, next: 0, reordered: false, goodIndex: true };
  const parts: string[] = [];
  let length = 0;
  while (reader.at < format.length) {
    const percent = format.indexOf("%", reader.at);
    const start = reader.at;
    const end = percent === -1 ? format.length : percent;
    parts.push(format.slice(start, end));
    reader.at = end + 1;
    if (percent !== -1) parts.push(readDirective(reader, budget));
    length += end - start + (percent === -1 ? 0 : (parts.at(-1)?.length ?? 0));
    budget.spend(1);
    budget.checkText(length);
  }
  if (!reader.reordered && reader.next < args.length) {
    const extra = args.slice(reader.next).map((value) => describe(value, budget));
    parts.push(`%!(EXTRA ${extra.join(", ")})`);
  }
  return parts.join("");
}

function describe(value: Value, budget: Budget): string {
  if (value === null || value === undefined) return "<nil>";
  return `${typeName(value)}=${formatValue(value, "v", plainDirective, { budget, depth: 0 })}`;
}

function readDirective(reader: Reader, budget: Budget): string {
  const directive: Mutable<Directive> = { ...plainDirective };
  reader.goodIndex = true;
  readFlags(reader, directive);
  let indexed = readIndex(reader);
  let problem = "";
  if (reader.format[reader.at] === "*") {
    reader.at += 1;
    const width = takeNumber(reader);
    if (width === undefined) problem += "%!(BADWIDTH)";
    directive.width = width === undefined ? undefined : Math.abs(width);
    if (width !== undefined && width < 0) {
      directive.minus = true;
      directive.zero = false;
    }
    indexed = false;
  } else {
    const width = readNumber(reader);
    directive.width = width;
    if (indexed && width !== undefined) reader.goodIndex = false;
  }
  if (reader.format[reader.at] === ".") {
    reader.at += 1;
    if (indexed) reader.goodIndex = false;
    indexed = readIndex(reader);
    if (reader.format[reader.at] === "*") {
      reader.at += 1;
      const precision = takeNumber(reader);
      if (precision === undefined) problem += "%!(BADPREC)";
      else directive.precision = precision < 0 ? undefined : precision;
      indexed = false;
    } else {
      directive.precision = readNumber(reader) ?? 0;
    }
  }
  if (!indexed) readIndex(reader);
  return problem + formatNext(reader, directive, budget);
}

function formatNext(reader: Reader, directive: Directive, budget: Budget): string {
  const code = reader.format.codePointAt(reader.at);
  if (code === undefined) return "%!(NOVERB)";
  const verb = String.fromCodePoint(code);
  reader.at += verb.length;
  if (verb === "%") return "%";
  if (!reader.goodIndex) return `%!${verb}(BADINDEX)`;
  if (reader.next >= reader.args.length) return `%!${verb}(MISSING)`;
  const value = reader.args[reader.next];
  reader.next += 1;
  return formatValue(value, verb, forVerb(directive, verb), { budget, depth: 0 });
}

// For %v two of the flags mean something else.
function forVerb(directive: Directive, verb: string): Directive {
  if (verb !== "v") return directive;
  const { plus, sharp } = directive;
  return { ...directive, plus: false, sharp: false, names: plus, goSyntax: sharp };
}

const flags: Readonly<Record<string, "minus" | "plus" | "sharp" | "space" | "zero">> = {
  "-": "minus",
  "+": "plus",
  "#": "sharp",
  " ": "space",
  "0": "zero",
};

function readFlags(reader: Reader, directive: Mutable<Directive>): void {
  for (;;) {
    const flag = flags[reader.format[reader.at] ?? ""];
    if (flag === undefined) return;
    directive[flag] = true;
    reader.at += 1;
  }
}

function readNumber(reader: Reader): number | undefined {
  const digits = /^[0-9]+/.exec(reader.format.slice(reader.at, reader.at + 16))?.[0];
  if (digits === undefined) return undefined;
  if (Number(digits) > widest) {
    // Too large: Go reads no number then, and takes the digits for a verb.
    return undefined;
  }
  reader.at += digits.length;
  return Number(digits);
}

// `[2]`: the argument that comes next. True when there was one.
function readIndex(reader: Reader): boolean {
  if (reader.format[reader.at] !== "[") return false;
  reader.reordered = true;
  const near = reader.format.slice(reader.at, reader.at + 64).indexOf("]");
  const close = reader.at + near;
  if (near === -1) {
    reader.goodIndex = false;
    reader.at += 1;
    return false;
  }
  const inner = reader.format.slice(reader.at + 1, close);
  reader.at = close + 1;
  const index = /^[0-9]{1,7}$/.test(inner) ? Number(inner) : 0;
  if (index < 1 || index > reader.args.length) reader.goodIndex = false;
  else reader.next = index - 1;
  return true;
}

function takeNumber(reader: Reader): number | undefined {
  const value = reader.args[reader.next];
  if (reader.next < reader.args.length) reader.next += 1;
  if (!isInteger(value)) return undefined;
  const number = Number(value.value);
  return Math.abs(number) > widest ? undefined : number;
}
