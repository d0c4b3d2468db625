import type { Glyphs } from "./glyphs.ts";

/** Milliseconds that a picture of the spinner stays. */
export const spinnerPeriod = 200;

/** The picture of the spinner at `now`, milliseconds since 1970. */
export function spinnerAt(now: number, { spinner }: Glyphs): string {
  return spinner[Math.floor(now / spinnerPeriod) % spinner.length] ?? "";
}
