/** A line that one of two texts has and the other has not; numbers count from 1. */
export type LineChange = {
  readonly sign: "-" | "+";
  readonly line: number;
  readonly text: string;
};

/** Pairs of lines that are compared at the most: beyond, all that is between equal ends counts as changed. */
const mostPairs = 1_000_000;

/** What must be taken out of `before` and put in to get `after`: a shortest way, in the texts' order. */
export function diffLines(before: string, after: string): LineChange[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end))
    end++;
  const removed = a.slice(start, a.length - end);
  const added = b.slice(start, b.length - end);
  const kept = commonLines(removed, added);
  const changes: LineChange[] = [];
  let left = 0;
  let right = 0;
  for (const [i, j] of [...kept, [removed.length, added.length] as const]) {
    for (; left < i; left++)
      changes.push({ sign: "-", line: start + left + 1, text: removed[left] ?? "" });
    for (; right < j; right++)
      changes.push({ sign: "+", line: start + right + 1, text: added[right] ?? "" });
    left++;
    right++;
  }
  return changes;
}

/** The longest common subsequence, as pairs of indexes. */
function commonLines(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  if (a.length * b.length > mostPairs) return [];
  // lengths[i][j]: of the common lines of what follows index i of `a` and index j of `b`.
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const lengthAt = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row === undefined) continue;
      row[j] =
        a[i] === b[j]
          ? lengthAt(i + 1, j + 1) + 1
          : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (lengthAt(i + 1, j) >= lengthAt(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
