import { formatBytes } from "../../base/format-bytes.ts";
import { formatElapsed } from "../../base/format-duration.ts";
import type { Glyphs } from "../glyphs.ts";
import type { Moved } from "./transfer-state.ts";

// Less is over before it is read.
const shortestEta = 2000;

/** `1.2 GB / 2.0 GB`, or `2.0 GB` when nothing is left. */
export function describeBytes({ sent, total }: Pick<Moved, "sent" | "total">): string {
  return sent >= total ? formatBytes(sent) : `${formatBytes(sent)} / ${formatBytes(total)}`;
}

/** `45%`, cut: 100% is all. Undefined when nothing is known to move. */
export function describePart({ sent, total }: Pick<Moved, "sent" | "total">): string | undefined {
  return total > 0 ? `${Math.floor((sent * 100) / total)}%` : undefined;
}

/** `41.2 MB/s`; undefined while nothing can be said, and when nothing moves. */
export function describeRate({ window }: Moved, now: number): string | undefined {
  const rate = window.rate(now);
  return rate === undefined || rate < 1 ? undefined : `${formatBytes(rate)}/s`;
}

/** `eta ~20s`, of what is known to be left; undefined near the end, and while nothing can be said. */
export function describeEta(moved: Moved, now: number, { about }: Glyphs): string | undefined {
  const rate = moved.window.rate(now);
  if (rate === undefined || rate < 1) return undefined;
  const left = ((moved.total - moved.sent) / rate) * 1000;
  return left < shortestEta ? undefined : `eta ${about}${formatElapsed(left)}`;
}
