/** Where in a sorted list the names begin for which `reached` is true, found by halving; its length when there is none. */
export function firstReached(
  sorted: readonly string[],
  reached: (name: string) => boolean,
): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reached(sorted[middle] ?? "")) high = middle;
    else low = middle + 1;
  }
  return low;
}
