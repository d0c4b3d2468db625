import { display } from "../format/format-value.ts";
import { printf } from "../format/printf.ts";
import { fixed, variadic, type CallContext, type TemplateFunction } from "../function.ts";
import { byteLength, toBytes } from "../go-text.ts";
import { typeName } from "../type-name.ts";
import { int, isDict, isInteger, isList, isTrue, type Value } from "../value.ts";
import { areEqual, isLess } from "./compare.ts";
import { escapeHtml, escapeJs, escapeQuery } from "./escape.ts";

/** fmt.Sprint: spaces only between two operands that are no strings. */
function sprint(values: readonly Value[], { budget }: CallContext): string {
  let text = "";
  for (const [index, value] of values.entries()) {
    const isApart = index > 0 && typeof value !== "string" && typeof values[index - 1] !== "string";
    text += (isApart ? " " : "") + display(value, budget);
    budget.checkText(text.length);
  }
  return text;
}

function escapable(values: readonly Value[], context: CallContext): string {
  // What is not there is named as the template itself would print it.
  return sprint(
    values.map((value) => value ?? "<no value>"),
    context,
  );
}

/** `and` and `or`: the engine evaluates their arguments itself. */
const shortCircuit = (): TemplateFunction => variadic(["any"], "any", ([first]) => first);
const and = shortCircuit();
const or = shortCircuit();

/** Those whose arguments are evaluated only as far as they must be. */
export const shortCircuitFunctions: ReadonlySet<TemplateFunction> = new Set([and, or]);

/** The functions that text/template itself has; `slice` is sprig's. */
export const builtins: Readonly<Record<string, TemplateFunction>> = {
  and,
  or,
  not: fixed(["any"], ([value]) => !isTrue(value)),
  eq: variadic(["any"], "any", ([first], others) => {
    if (others.length === 0) throw new Error("missing argument for comparison");
    return others.some((other) => areEqual(first, other));
  }),
  ne: fixed(["any", "any"], ([a, b]) => !areEqual(a, b)),
  lt: fixed(["any", "any"], ([a, b]) => isLess(a, b)),
  le: fixed(["any", "any"], ([a, b]) => isLess(a, b) || areEqual(a, b)),
  gt: fixed(["any", "any"], ([a, b]) => !isLess(a, b) && !areEqual(a, b)),
  ge: fixed(["any", "any"], ([a, b]) => !isLess(a, b)),
  len: fixed(["any"], ([value]) => int(lengthOf(value))),
  index: variadic(["any"], "any", ([value], keys) => {
    if (value === null) throw new Error("index of untyped nil");
    let found: Value = value;
    for (const key of keys) found = indexOf(found, key);
    return found;
  }),
  print: variadic([], "any", (_, values, context) => sprint(values, context)),
  println: variadic([], "any", (_, values, { budget }) => {
    return `${values.map((value) => display(value, budget)).join(" ")}\n`;
  }),
  printf: variadic(["string"], "any", ([format], values, { budget }) => {
    return printf(format, values, budget);
  }),
  html: variadic([], "any", (_, values, context) => escapeHtml(escapable(values, context))),
  js: variadic([], "any", (_, values, context) => escapeJs(escapable(values, context))),
  urlquery: variadic([], "any", (_, values, context) => escapeQuery(escapable(values, context))),
  call: variadic(["any"], "any", ([value]) => {
    throw new Error(value === null ? "call of nil" : `non-function of type ${typeName(value)}`);
  }),
};

function lengthOf(value: Value): number {
  if (typeof value === "string") return byteLength(value);
  if (isList(value)) return value.items.length;
  if (isDict(value)) return value.entries.size;
  throw new Error(value === null ? "len of nil pointer" : `len of type ${typeName(value)}`);
}

function indexOf(value: Value, key: Value): Value {
  if (value === null || value === undefined) throw new Error("index of untyped nil");
  if (isDict(value)) {
    if (typeof key !== "string") {
      throw new Error(`value has type ${typeName(key)}; should be string`);
    }
    const missing = value.type === "map[string]string" ? "" : undefined;
    return value.entries.has(key) ? value.entries.get(key) : missing;
  }
  if (!isList(value) && typeof value !== "string") {
    throw new Error(`can't index item of type ${typeName(value)}`);
  }
  if (!isInteger(key)) throw new Error(`cannot index slice/array with type ${typeName(key)}`);
  const bytes = typeof value === "string" ? toBytes(value) : undefined;
  const at = Number(key.value);
  const length = isList(value) ? value.items.length : (bytes?.length ?? 0);
  if (at < 0 || at >= length) throw new Error(`index out of range: ${at}`);
  return isList(value) ? value.items[at] : int(bytes?.[at] ?? 0, "uint8");
}
