import { display } from "../format/format-value.ts";
import { fixed, variadic, type CallContext, type TemplateFunction } from "../function.ts";
import { compareText, runesOf } from "../go-text.ts";
import { typeName } from "../type-name.ts";
import { dict, isList, list, listOrNil, type List, type Value } from "../value.ts";
import { deepEqual } from "./deep.ts";
import { isEmpty } from "./is-empty.ts";
import { textsOf } from "./texts-of.ts";
import { toInt64 } from "./to-number.ts";

function listFor(name: string, value: Value): List {
  if (isList(value)) return value;
  const type = value === null || value === undefined ? "nil" : `type ${typeName(value)}`;
  throw new Error(`Cannot find ${name} on ${type}`);
}

function itemsFor(name: string, value: Value): readonly Value[] {
  return listFor(name, value).items;
}

function unique(items: readonly Value[], { budget }: CallContext): Value[] {
  const kept: Value[] = [];
  for (const item of items)
    if (!kept.some((other) => deepEqual(item, other, budget))) kept.push(item);
  return kept;
}

function without(value: Value, others: readonly Value[], { budget }: CallContext): Value {
  const items = itemsFor("without", value);
  return list(items.filter((item) => !others.some((other) => deepEqual(item, other, budget))));
}

function has(needle: Value, value: Value, { budget }: CallContext): boolean {
  if (value === null || value === undefined) return false;
  return itemsFor("has", value).some((item) => deepEqual(needle, item, budget));
}

function slice(value: Value, bounds: readonly Value[]): Value {
  if (!isList(value)) {
    throw new Error(`list should be type of slice or array but ${typeName(value)}`);
  }
  const [start = 0, end = value.items.length] = bounds.map((bound) => {
    return Number(toInt64(bound));
  });
  if (value.items.length === 0) return null;
  if (start < 0 || end < start || end > value.items.length) {
    throw new Error("slice index out of bounds");
  }
  return list(value.items.slice(start, end), value.type);
}

function chunk(size: number, value: Value): Value {
  const items = itemsFor("chunk", value);
  const count = Math.floor((items.length - 1) / size) + 1;
  // For a negative size sprig gives nothing, if it does not fail.
  if (size < 1 && count !== 0) throw new Error("a chunk must have at least one item");
  const chunks = Array.from({ length: count }, (_, at) =>
    list(items.slice(at * size, (at + 1) * size)),
  );
  return list(chunks, "[][]interface {}");
}

function concat(values: readonly Value[]): Value {
  const items = values.flatMap((value) => {
    if (isList(value)) return value.items;
    throw new Error(`Cannot concat type ${typeName(value)} as list`);
  });
  return listOrNil(items);
}

function toMap(parts: readonly string[]): Value {
  return dict(
    parts.map((part, index) => [`_${index}`, part]),
    "map[string]string",
  );
}

/** strings.SplitN: at most `count` pieces, all of them when it is negative. */
function splitText(text: string, separator: string, count: number = -1): string[] {
  if (count === 0) return [];
  const all = separator === "" ? runesOf(text) : text.split(separator);
  if (count < 0 || all.length <= count) return all;
  return [...all.slice(0, count - 1), all.slice(count - 1).join(separator)];
}

/** Both names of a function: sprig's `must` forms fail where the others would panic, which ends a template too. */
function both(name: string, made: TemplateFunction): [string, TemplateFunction][] {
  return [
    [name, made],
    [`must${name[0]?.toUpperCase()}${name.slice(1)}`, made],
  ];
}

const append = fixed(["any", "any"], ([value, item]) => list([...itemsFor("push", value), item]));
const toList = variadic([], "any", (_, values) => list(values));

/** sprig's functions for lists. */
export const listFunctions: Readonly<Record<string, TemplateFunction>> = {
  list: toList,
  tuple: toList,
  ...Object.fromEntries([
    ...both(
      "first",
      fixed(["any"], ([value]) => itemsFor("first", value)[0]),
    ),
    ...both(
      "last",
      fixed(["any"], ([value]) => itemsFor("last", value).at(-1)),
    ),
    ...both(
      "rest",
      fixed(["any"], ([value]) => tail(itemsFor("rest", value), 1, undefined)),
    ),
    ...both(
      "initial",
      fixed(["any"], ([value]) => tail(itemsFor("initial", value), 0, -1)),
    ),
    ...both("append", append),
    ...both("push", append),
    ...both(
      "prepend",
      fixed(["any", "any"], ([value, item]) => list([item, ...itemsFor("prepend", value)])),
    ),
    ...both(
      "reverse",
      fixed(["any"], ([value]) => list(itemsFor("reverse", value).toReversed())),
    ),
    ...both(
      "uniq",
      fixed(["any"], ([value], context) => list(unique(itemsFor("uniq", value), context))),
    ),
    ...both(
      "without",
      variadic(["any"], "any", ([value], others, context) => without(value, others, context)),
    ),
    ...both(
      "has",
      fixed(["any", "any"], ([needle, value], context) => has(needle, value, context)),
    ),
    ...both(
      "compact",
      fixed(["any"], ([value]) =>
        list(itemsFor("compact", value).filter((item) => !isEmpty(item))),
      ),
    ),
    ...both(
      "slice",
      variadic(["any"], "any", ([value], bounds) => slice(value, bounds)),
    ),
    ...both(
      "chunk",
      fixed(["int", "any"], ([size, value]) => chunk(size, value)),
    ),
  ]),
  concat: variadic([], "any", (_, values) => concat(values)),
  join: fixed(["string", "any"], ([separator, value], { budget }) => {
    const texts = textsOf(value, budget);
    budget.spendText(texts.length * separator.length);
    return texts.join(separator);
  }),
  split: fixed(["string", "string"], ([separator, text]) => toMap(splitText(text, separator))),
  splitn: fixed(["string", "int", "string"], ([separator, count, text]) => {
    return toMap(splitText(text, separator, count));
  }),
  splitList: fixed(["string", "string"], ([separator, text]) =>
    list(splitText(text, separator), "[]string"),
  ),
  sortAlpha: fixed(["any"], ([value], { budget }) => {
    if (!isList(value)) return list([display(value, budget)], "[]string");
    return list(textsOf(value, budget).toSorted(compareText), "[]string");
  }),
  toStrings: fixed(["any"], ([value], { budget }) => list(textsOf(value, budget), "[]string")),
  toString: fixed(["any"], ([value], { budget }) => display(value, budget)),
};

// Of an empty list nil is what remains.
function tail(items: readonly Value[], start: number, end: number | undefined): Value {
  const kept = items.slice(start, end);
  return items.length === 0 ? listOrNil(kept) : list(kept);
}
