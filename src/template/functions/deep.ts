import type { Budget } from "../budget.ts";
import type { Value } from "../value.ts";

/** reflect.DeepEqual: types count too. @throws LimitError */
export function deepEqual(a: Value, b: Value, budget: Budget, depth: number = 0): boolean {
  budget.spend(1);
  budget.checkDepth(depth);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return (a ?? null) === (b ?? null);
  }
  if (a.kind === "integer") return b.kind === "integer" && a.type === b.type && a.value === b.value;
  if (a.kind === "list") {
    return (
      b.kind === "list" &&
      a.type === b.type &&
      a.isNil === b.isNil &&
      a.items.length === b.items.length &&
      a.items.every((item, index) => deepEqual(item, b.items[index], budget, depth + 1))
    );
  }
  if (a.kind === "map") {
    return (
      b.kind === "map" &&
      a.type === b.type &&
      a.entries.size === b.entries.size &&
      [...a.entries].every(([key, value]) => {
        return b.entries.has(key) && deepEqual(value, b.entries.get(key), budget, depth + 1);
      })
    );
  }
  if (a.kind === "time")
    return b.kind === "time" && a.nanoseconds === b.nanoseconds && a.zone === b.zone;
  if (a.kind === "version") return b.kind === "version" && a.original === b.original;
  return a === b;
}

/** A copy that shares no list or map. @throws LimitError */
export function deepCopy(value: Value, budget: Budget, depth: number = 0): Value {
  budget.spend(1);
  budget.checkDepth(depth);
  if (typeof value !== "object" || value === null) return value;
  if (value.kind === "list") {
    return { ...value, items: value.items.map((item) => deepCopy(item, budget, depth + 1)) };
  }
  if (value.kind !== "map") return value;
  const entries = [...value.entries].map(([key, item]) => {
    return [key, deepCopy(item, budget, depth + 1)] as const;
  });
  return { ...value, entries: new Map(entries) };
}
