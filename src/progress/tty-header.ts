import { formatElapsed } from "../base/format-duration.ts";
import { estimateRemaining } from "./estimate.ts";
import { fitParts, type WeightedPart } from "./fit-parts.ts";
import type { RunState, TargetStatus } from "./run-state.ts";
import type { Look } from "./terminal.ts";

/** The first line of the live view; on a narrow terminal what matters least falls out. */
export function renderHeader(
  state: RunState,
  { now, columns, look }: { readonly now: number; readonly columns: number; readonly look: Look },
): string {
  const { paint, glyphs } = look;
  const count = (kind: TargetStatus["kind"]): number =>
    [...state.targets.values()].filter(({ status }) => status.kind === kind).length;
  const total = state.targets.size;
  const done = total - count("waiting") - count("running");
  const remaining = estimateRemaining(state, now);
  // The number says which part goes first when there is no room.
  const parts: WeightedPart[] = [
    [2, paint.bold("hive build")],
    [9, total === 0 ? "starting" : `${done}/${total} done`],
    ...some(count("unchanged"), (n): WeightedPart => [4, `${n} unchanged`]),
    ...some(count("cached"), (n): WeightedPart => [4, `${n} cached`]),
    ...some(count("running"), (n): WeightedPart => [6, paint.cyan(`${n} running`)]),
    ...some(count("failed"), (n): WeightedPart => [8, paint.red(`${n} failed`)]),
    ...some(count("skipped"), (n): WeightedPart => [5, paint.yellow(`${n} skipped`)]),
    [7, formatElapsed(now - (state.startedAt ?? now))],
    ...some(remaining ?? 0, (ms): WeightedPart => [3, `eta ${glyphs.about}${formatElapsed(ms)}`]),
  ];
  return fitParts(parts, { columns, ellipsis: glyphs.ellipsis });
}

function some<T>(count: number, make: (count: number) => T): T[] {
  return count > 0 ? [make(count)] : [];
}
