import { fitText } from "../base/text-width.ts";
import { unfinishedLine } from "./log-tail.ts";
import type { RunState, TargetState } from "./run-state.ts";
import { currentStep } from "./step-state.ts";
import type { Look } from "./terminal.ts";
import { renderHeader } from "./tty-header.ts";
import { layoutRows, type Share } from "./tty-layout.ts";
import { renderRow, shapeRows } from "./tty-row.ts";

type FrameOptions = {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The most that a line may take. */
  readonly columns: number;
  /** The most lines. */
  readonly rows: number;
  readonly look: Look;
  /** How many lines of output the row in focus shows. */
  readonly logLines: number;
};

/** The live view at one moment: the header, what is finished, what failed, what runs, what waits. */
export function renderFrame(state: RunState, options: FrameOptions): string[] {
  const { now, columns, rows, look } = options;
  const targets = [...state.targets.values()];
  const group = (...kinds: readonly TargetState["status"]["kind"][]): TargetState[] =>
    targets.filter(({ status }) => kinds.includes(status.kind));
  const finished = group("built", "cached", "unchanged", "skipped", "canceled");
  const failed = group("failed");
  const running = longestFirst(group("running"));
  const waiting = group("waiting");
  const focus = running.find((target) => outputOf(target, 1).length > 0);
  const output = focus === undefined ? [] : outputOf(focus, options.logLines);

  const layout = layoutRows(
    {
      failed: failed.length,
      running: running.length,
      logs: output.length,
      waiting: waiting.length,
      finished: finished.length,
    },
    rows - 1,
  );
  const shape = shapeRows(targets, columns);
  const draw = (target: TargetState): string => renderRow(target, { state, now, look, shape });
  const more = (share: Share, what: string): string[] => {
    const text = `   ${look.paint.dim(`${look.glyphs.ellipsis} ${share.hidden} ${what}`)}`;
    return share.counted ? [fitText(text, columns, { ellipsis: look.glyphs.ellipsis })] : [];
  };
  const withOutput = (target: TargetState): string[] =>
    target === focus && layout.logs > 0
      ? [draw(target), ...drawOutput(output.slice(output.length - layout.logs), columns, look)]
      : [draw(target)];

  return [
    renderHeader(state, { now, columns, look }),
    // Of what is finished the last is the news.
    ...more(layout.finished, "more finished"),
    ...finished.slice(finished.length - layout.finished.shown).map(draw),
    ...failed.slice(0, layout.failed.shown).map(draw),
    ...more(layout.failed, "more failed"),
    ...running.slice(0, layout.running.shown).flatMap(withOutput),
    ...more(layout.running, "more running"),
    ...waiting.slice(0, layout.waiting.shown).map(draw),
    ...more(layout.waiting, "more waiting"),
  ];
}

function longestFirst(running: readonly TargetState[]): TargetState[] {
  return running.toSorted((a, b) => startOf(a) - startOf(b));
}

function startOf({ status }: TargetState): number {
  return status.kind === "running" ? status.startedAt : 0;
}

/** The last lines of a target over all its steps: between two steps the rows below don't jump. */
function outputOf(target: TargetState, count: number): string[] {
  const step = currentStep(target.steps);
  const unfinished = step === undefined ? "" : unfinishedLine(step.log);
  const lines = unfinished === "" ? target.output : [...target.output, unfinished];
  return count > 0 ? lines.slice(-count) : [];
}

function drawOutput(lines: readonly string[], columns: number, { paint, glyphs }: Look): string[] {
  const { ellipsis } = glyphs;
  return lines.map((line) =>
    fitText(paint.dim(`     ${glyphs.bar} ${line}`), columns, { ellipsis }),
  );
}
