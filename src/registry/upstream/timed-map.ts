import { BoundedMap } from "../access/bounded-map.ts";

/** What is known for a while. Forgets the oldest when it is full. */
export type TimedMap<Value> = {
  /** Undefined when it is not known, or no longer. */
  get(key: string): Value | undefined;
  /** @param span Milliseconds for which it counts. */
  set(key: string, value: Value, span: number): void;
  delete(key: string): void;
};

/** @param limit Entries. */
export function createTimedMap<Value>(limit: number): TimedMap<Value> {
  const entries = new BoundedMap<string, { readonly value: Value; readonly until: number }>(limit);
  return {
    get(key) {
      const entry = entries.get(key);
      return entry !== undefined && performance.now() < entry.until ? entry.value : undefined;
    },
    set: (key, value, span) => entries.set(key, { value, until: performance.now() + span }),
    delete: (key) => entries.delete(key),
  };
}
