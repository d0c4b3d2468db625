/** What one rendering may use. */
export type Limits = {
  /** Characters of a rendered text, and of any text within. */
  readonly text: number;
  /** Actions, iterations, calls, and what they handle, together. */
  readonly steps: number;
  /** Blocks, parentheses and templates within each other. */
  readonly depth: number;
};

/** More than any template needs that somebody wrote on purpose. */
export const defaultLimits: Limits = {
  text: 16 * 1024 * 1024,
  steps: 2_000_000,
  depth: 1000,
};

/** The template does more than it is allowed to. */
export class LimitError extends Error {}

/** Counts what a rendering does, so that each ends. */
export type Budget = {
  readonly limits: Limits;
  /** How many steps were counted. */
  readonly spent: () => number;
  /** Counts `steps`. @throws LimitError */
  readonly spend: (steps: number) => void;
  /** Checks that values may be nested so deeply. @throws LimitError */
  readonly checkDepth: (depth: number) => void;
  /** Checks that a text of `length` characters may be made. @throws LimitError */
  readonly checkText: (length: number) => void;
  /** Checks that a text of `length` characters may be made, and counts it. @throws LimitError */
  readonly spendText: (length: number) => void;
};

/** A step stands for a microsecond or so; functions handle that many characters meanwhile. */
export const charactersOfStep = 64;

/** A budget of which nothing is spent yet. */
export function createBudget(limits: Limits): Budget {
  let left = limits.steps;
  const spend = (steps: number): void => {
    left -= steps;
    if (left >= 0) return;
    throw new LimitError(`the template takes more than ${limits.steps} steps: does it loop?`);
  };
  const checkText = (length: number): void => {
    if (length <= limits.text) return;
    throw new LimitError(`the template makes a text of more than ${limits.text} characters`);
  };
  return {
    limits,
    spent: () => limits.steps - left,
    spend,
    checkDepth: (depth) => {
      if (depth <= limits.depth) return;
      throw new LimitError("a list or map is nested too deeply: does it contain itself?");
    },
    checkText,
    spendText: (length) => {
      checkText(length);
      spend(Math.floor(length / charactersOfStep));
    },
  };
}
