/**
 * The times in which a step ran. A step is started and completed more than once
 * (its cache is looked up, then it runs), and every report repeats what was known.
 */
export type RunIntervals = {
  /** Times in milliseconds; without an end the step still runs. */
  note(start: number, end: number | undefined): void;
  /** Whether it was started, and every start has its end. */
  ended(): boolean;
  /** Milliseconds in which it ran; overlaps count once, and what still runs doesn't count. */
  total(): number;
};

/** A step runs a few times; of one that is said to have run more often the rest does not count. */
const mostRuns = 1000;

/** Of a step that was not started yet. */
export function createRunIntervals(): RunIntervals {
  const ends = new Map<number, number | undefined>();
  return {
    note(start, end) {
      if (ends.size >= mostRuns && !ends.has(start)) return;
      ends.set(start, end ?? ends.get(start));
    },
    ended: () => ends.size > 0 && ![...ends.values()].includes(undefined),
    total() {
      let sum = 0;
      let covered = -Infinity;
      for (const [start, end] of [...ends].toSorted(([a], [b]) => a - b)) {
        if (end === undefined || end <= covered) continue;
        sum += end - Math.max(start, covered);
        covered = end;
      }
      return sum;
    },
  };
}
