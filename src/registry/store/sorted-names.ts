import { firstReached } from "../first-reached.ts";

/** A set of names that is listed in order without being sorted each time. */
export type SortedNames = {
  /** The names, sorted. The same array every time, so it is valid until the next change. */
  list(): readonly string[];
  /** To be told of every name that came or went. */
  changed(name: string): void;
};

/** Keeps the names of `source` in order; `source` is what counts, this only remembers the order. */
export function createSortedNames(source: {
  has(name: string): boolean;
  keys(): Iterable<string>;
}): SortedNames {
  // Sorted when first asked for: while a journal is read nobody asks.
  let sorted: string[] | undefined;
  return {
    list: () => (sorted ??= [...source.keys()].toSorted()),
    changed(name) {
      if (sorted === undefined) return;
      const position = firstReached(sorted, (other) => other >= name);
      const listed = sorted[position] === name;
      if (listed === source.has(name)) return;
      if (listed) sorted.splice(position, 1);
      else sorted.splice(position, 0, name);
    },
  };
}
