import { formatElapsed } from "../base/format-duration.ts";
import { fitText } from "../base/text-width.ts";
import { estimateRemaining } from "./estimate.ts";
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
  const parts: [number, string][] = [
    [2, paint.bold("hive build")],
    [9, total === 0 ? "starting" : `${done}/${total} done`],
    ...some(count("unchanged"), (n): [number, string] => [4, `${n} unchanged`]),
    ...some(count("cached"), (n): [number, string] => [4, `${n} cached`]),
    ...some(count("running"), (n): [number, string] => [6, paint.cyan(`${n} running`)]),
    ...some(count("failed"), (n): [number, string] => [8, paint.red(`${n} failed`)]),
    ...some(count("skipped"), (n): [number, string] => [5, paint.yellow(`${n} skipped`)]),
    [7, formatElapsed(now - (state.startedAt ?? now))],
    ...some(remaining ?? 0, (ms): [number, string] => [
      3,
      `eta ${glyphs.about}${formatElapsed(ms)}`,
    ]),
  ];
  const line = (): string => ` ${parts.map(([, text]) => text).join("  ")}`;
  while (parts.length > 1 && Bun.stringWidth(line()) > columns) {
    const least = Math.min(...parts.map(([weight]) => weight));
    parts.splice(
      parts.findIndex(([weight]) => weight === least),
      1,
    );
  }
  return fitText(line(), columns, { ellipsis: glyphs.ellipsis });
}

function some<T>(count: number, make: (count: number) => T): T[] {
  return count > 0 ? [make(count)] : [];
}
