/**
 * The candidates that `word` was probably meant to be, nearest first: at most `limit`, often none.
 * Case is ignored; a swap of two neighbours counts as one slip.
 */
export function closestNames(
  word: string,
  candidates: Iterable<string>,
  limit: number = 3,
): string[] {
  const wanted = word.toLowerCase().slice(0, longest);
  const scored: { name: string; distance: number }[] = [];
  for (const name of new Set(candidates)) {
    const candidate = name.toLowerCase().slice(0, longest);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (wanted.length >= 3 && candidate.startsWith(wanted)) {
      // Cut short is near, however long the rest is; what is nearer by letters goes first.
      scored.push({ name, distance: Math.min(allowed, candidate.length - wanted.length) });
      continue;
    }
    if (Math.abs(wanted.length - candidate.length) > allowed) continue;
    const distance = editDistance(wanted, candidate);
    // All letters replaced is no slip, however short the word is.
    if (distance <= allowed && distance < Math.max(wanted.length, candidate.length)) {
      scored.push({ name, distance });
    }
  }
  // Array.prototype.sort is stable: equally near names keep the order they came in.
  scored.sort((a, b) => a.distance - b.distance);
  return scored.slice(0, limit).map((entry) => entry.name);
}

/** `did you mean "a", "b" or "c"?`, or undefined when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const names = closestNames(word, candidates).map((name) => `"${name}"`);
  const last = names.pop();
  if (last === undefined) return undefined;
  return `did you mean ${names.length === 0 ? last : `${names.join(", ")} or ${last}`}?`;
}

/** The same as a sentence, for a hint: `Did you mean "a"?` */
export function nearHint(word: string, candidates: Iterable<string>): string | undefined {
  const text = didYouMean(word, candidates);
  return text && `D${text.slice(1)}`;
}

// Bounds the quadratic work; nobody mistypes the 65th letter only.
const longest = 64;

// Damerau-Levenshtein, in the form that swaps only neighbours (optimal string alignment).
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped) best = Math.min(best, (before[column - 2] ?? 0) + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
