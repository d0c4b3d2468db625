import type { Budget } from "./budget.ts";

/** What a template gave. */
export type Rendered = {
  readonly text: string;
  /** The offset in the template of what stands at `offset` of the text; for printed values their action's. */
  originAt(offset: number): number;
};

/** Where a rendering writes to. */
export type Output = {
  /** Template text, from `origin` on. */
  readonly copy: (text: string, origin: number) => void;
  /** Text that the action at `origin` made. */
  readonly print: (text: string, origin: number) => void;
  readonly finish: () => Rendered;
};

/** Collects what a template prints, and where it came from. @throws LimitError when it grows too long. */
export function createOutput(budget: Budget): Output {
  const parts: string[] = [];
  // Three lists instead of one of objects: a loop may make a million segments.
  const starts: number[] = [];
  const origins: number[] = [];
  const copied: boolean[] = [];
  let length = 0;
  const add = (text: string, origin: number, isCopy: boolean): void => {
    if (text === "") return;
    parts.push(text);
    starts.push(length);
    origins.push(origin);
    copied.push(isCopy);
    length += text.length;
    budget.checkText(length);
    budget.spendText(text.length);
  };
  const originAt = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const origin = origins[low] ?? 0;
    return copied[low] === true ? origin + offset - (starts[low] ?? 0) : origin;
  };
  return {
    copy: (text, origin) => add(text, origin, true),
    print: (text, origin) => add(text, origin, false),
    finish: () => ({ text: parts.join(""), originAt }),
  };
}
