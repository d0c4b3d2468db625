import { formatDuration } from "../base/format-duration.ts";
import { fitText, padText } from "../base/text-width.ts";
import type { RunState, TargetState } from "./run-state.ts";
import { composeRow } from "./compose-row.ts";
import { describeTarget } from "./describe-target.ts";
import type { Look } from "./terminal.ts";

/** Widths of a frame's columns, in terminal columns. */
export type RowShape = {
  readonly columns: number;
  readonly name: number;
  /** 0 when the platform is left out. */
  readonly platform: number;
};

type RowContext = {
  readonly state: RunState;
  readonly now: number;
  readonly look: Look;
  readonly shape: RowShape;
};

const timeWidth = 6;
// On a wider terminal the eye would lose the way from the name to the time.
const widestRow = 120;
// Below this, all targets being of one platform, there are better uses for the room.
const roomy = 60;

/** The widths that suit the targets of a run on a terminal of `columns`. */
export function shapeRows(targets: Iterable<TargetState>, columns: number): RowShape {
  let name = 0;
  const platforms = new Set<string>();
  for (const target of targets) {
    name = Math.max(name, Bun.stringWidth(target.reference));
    platforms.add(target.platform);
  }
  const widest = Math.max(
    0,
    ...[...platforms].map((text) => Bun.stringWidth(shorten(text, columns))),
  );
  const platform = columns < roomy && platforms.size < 2 ? 0 : widest;
  const shown = Math.min(columns, widestRow);
  return { columns: shown, name: Math.min(name, Math.floor(columns * 0.35)), platform };
}

/** One target as one line: sign, name, platform, what it does, time. */
export function renderRow(target: TargetState, context: RowContext): string {
  const { look, shape } = context;
  const { paint, glyphs } = look;
  const { ellipsis } = glyphs;
  const { sign, detail, note, time } = describeTarget(target, context);
  // Of a name the end says most: the tag.
  const name = fitText(target.reference, shape.name, { ellipsis, cut: "start" });
  const platform = padText(shorten(target.platform, shape.columns), shape.platform);
  const head = [
    ` ${sign} ${padText(name, shape.name)}`,
    ...(shape.platform === 0 ? [] : [paint.dim(platform)]),
  ];
  const clock = time === undefined ? [] : [padText(formatDuration(time), timeWidth, "right")];
  const full = note === undefined ? clock : [note, ...clock];
  return composeRow(
    { head, detail: () => detail, tails: [full, clock] },
    { columns: shape.columns, ellipsis },
  );
}

/** On a narrow terminal the usual system isn't worth its columns. */
function shorten(platform: string, columns: number): string {
  return columns < roomy ? platform.replace(/^linux\//, "") : platform;
}
