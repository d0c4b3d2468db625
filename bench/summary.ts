import { median } from "./median.ts";

/** `1.20 (1.10-1.40)`: the median, the least and the most. */
export function summary(values: readonly number[], digits: number): string {
  const shown = [median(values), Math.min(...values), Math.max(...values)];
  const [middle, least, most] = shown.map((value) => value.toFixed(digits));
  return `${middle} (${least}-${most})`;
}
