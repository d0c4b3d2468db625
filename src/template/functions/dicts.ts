import type { Budget } from "../budget.ts";
import { display } from "../format/format-value.ts";
import { fixed, variadic, type CallContext, type TemplateFunction } from "../function.ts";
import { compareText } from "../go-text.ts";
import { typeName } from "../type-name.ts";
import { dict, isDict, list, type Dict, type Value } from "../value.ts";
import { deepCopy, deepEqual } from "./deep.ts";
import { isEmpty } from "./is-empty.ts";

function change(value: Dict): Map<string, Value> {
  if (value.isNil) throw new Error("assignment to entry in nil map");
  return value.entries;
}

// Go has no order of keys; theirs is the one that ranges have.
function sortedKeys({ entries }: Dict, { budget }: CallContext): string[] {
  budget.spend(entries.size);
  return [...entries.keys()].toSorted(compareText);
}

function dig(values: readonly Value[]): Value {
  if (values.length < 3) throw new Error("dig needs at least three arguments");
  const keys = values.slice(0, -2);
  const otherwise = values.at(-2);
  let found: Value = values.at(-1);
  for (const key of keys) {
    if (!isDict(found) || found.type !== "map[string]interface {}") {
      throw new Error(`${typeName(found)} is no map[string]interface {}`);
    }
    if (typeof key !== "string") throw new Error(`a key must be a string, not ${typeName(key)}`);
    if (!found.entries.has(key)) return otherwise;
    found = found.entries.get(key);
  }
  return found;
}

/** Lays `source` into `target`: what is empty there is filled, or all is replaced; maps are merged in depth. */
function mergeInto(
  target: Dict,
  source: Dict,
  { overwrites, budget }: { readonly overwrites: boolean; readonly budget: Budget },
  depth: number = 0,
): void {
  budget.checkDepth(depth);
  for (const [key, value] of source.entries) {
    budget.spend(1);
    const known = target.entries.get(key);
    if (isDict(known) && isDict(value) && known !== value) {
      mergeInto(known, value, { overwrites, budget }, depth + 1);
    } else if (overwrites || (isEmpty(known) && fills(target, key, value))) {
      target.entries.set(key, value);
    }
  }
}

function fills({ entries }: Dict, key: string, value: Value): boolean {
  return !isEmpty(value) || (!entries.has(key) && value !== null && value !== undefined);
}

function merge(overwrites: boolean): TemplateFunction {
  return variadic(["map"], "map", ([target], sources, { budget }) => {
    const merged = target.isNil ? dict([]) : target;
    for (const source of sources) mergeInto(merged, source, { overwrites, budget });
    return merged;
  });
}

const mergeFunction = merge(false);
const overwriteFunction = merge(true);
const deepCopyFunction = fixed(["any"], ([value], { budget }) => {
  if (value === null) throw new Error("nil can't be copied");
  return deepCopy(value, budget);
});

/** sprig's functions for maps. */
export const dictFunctions: Readonly<Record<string, TemplateFunction>> = {
  dict: variadic([], "any", (_, values, { budget }) => {
    const entries = new Map<string, Value>();
    for (let at = 0; at < values.length; at += 2) {
      const value = at + 1 < values.length ? values[at + 1] : "";
      entries.set(display(values[at], budget), value);
    }
    return dict(entries);
  }),
  get: fixed(["map", "string"], ([value, key]) =>
    value.entries.has(key) ? value.entries.get(key) : "",
  ),
  set: fixed(["map", "string", "any"], ([value, key, item]) => {
    change(value).set(key, item);
    return value;
  }),
  unset: fixed(["map", "string"], ([value, key]) => {
    value.entries.delete(key);
    return value;
  }),
  hasKey: fixed(["map", "string"], ([value, key]) => value.entries.has(key)),
  pluck: variadic(["string"], "map", ([key], maps) => {
    return list(
      maps.filter(({ entries }) => entries.has(key)).map(({ entries }) => entries.get(key)),
    );
  }),
  keys: variadic([], "map", (_, maps, context) =>
    list(
      maps.flatMap((value) => sortedKeys(value, context)),
      "[]string",
    ),
  ),
  values: fixed(["map"], ([value], context) =>
    list(sortedKeys(value, context).map((key) => value.entries.get(key))),
  ),
  pick: variadic(["map"], "string", ([value], keys) => {
    return dict(
      keys.filter((key) => value.entries.has(key)).map((key) => [key, value.entries.get(key)]),
    );
  }),
  omit: variadic(["map"], "string", ([value], keys) => {
    return dict([...value.entries].filter(([key]) => !keys.includes(key)));
  }),
  dig: variadic([], "any", (_, values) => dig(values)),
  merge: mergeFunction,
  mustMerge: mergeFunction,
  mergeOverwrite: overwriteFunction,
  mustMergeOverwrite: overwriteFunction,
  deepCopy: deepCopyFunction,
  mustDeepCopy: deepCopyFunction,
  deepEqual: fixed(["any", "any"], ([a, b], { budget }) => deepEqual(a, b, budget)),
};
