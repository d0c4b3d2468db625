import type { Budget } from "../budget.ts";
import { display } from "../format/format-value.ts";
import { isList, type Value } from "../value.ts";

/** What sprig takes for a list of texts: nil is left out, a single value is a list of one. */
export function textsOf(value: Value, budget: Budget): string[] {
  if (value === null || value === undefined) return [];
  if (!isList(value)) return [display(value, budget)];
  budget.spend(value.items.length);
  return value.items
    .filter((item) => item !== null && item !== undefined)
    .map((item) => display(item, budget));
}
