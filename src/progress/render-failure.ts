import { formatDuration } from "../base/format-duration.ts";
import { printable, printableLines } from "../base/printable.ts";
import type { EventOf } from "./event.ts";
import { findFailedStep } from "./failed-step.ts";
import type { TargetState } from "./run-state.ts";
import type { Look } from "./terminal.ts";

type Failure = EventOf<"target.failed">;

/** Lines of output that a failure shows. */
export const shownLogLines = 40;
const contextLines = 2;
const markedLines = 10;

/** All about one target that failed: step, end of its output, place in the Dockerfile, message, what to do next. */
export function renderFailure(target: TargetState, failure: Failure, look: Look): string[] {
  const { paint, glyphs } = look;
  const title = `${glyphs.failed} ${target.id} failed after ${formatDuration(failure.duration)}`;
  const step = findFailedStep(target, failure);
  const [message = "", ...more] = printableLines(failure.message.trim());
  const hints = failure.hint === undefined ? [] : printableLines(failure.hint.trim());
  return [
    paint.bold(paint.red(title)),
    ...(step === undefined ? [] : renderStep(step.name, step.log, look)),
    ...(failure.source === undefined ? [] : renderSource(failure.source, look)),
    `  ${paint.red("error")}: ${message}`,
    ...more.map((line) => `         ${line}`),
    ...hints.map((line, index) =>
      index === 0 ? `  ${paint.cyan("hint")}:  ${line}` : `         ${line}`,
    ),
    `  ${paint.cyan("again")}: ${rerunCommand(target)}`,
  ];
}

/** One line for the list at the end of a run. */
export function renderFailureLine(target: TargetState, failure: Failure, look: Look): string {
  const [message = ""] = printableLines(failure.message.trim());
  const step = findFailedStep(target, failure);
  const where = step === undefined ? "" : `${step.name}: `;
  return `${look.paint.red(`${look.glyphs.failed} ${target.id}`)}  ${where}${message}`;
}

/** The command that builds only this target again. */
export function rerunCommand(target: Pick<TargetState, "reference" | "platform">): string {
  const platform = target.platform === "" ? "" : ` --platform ${target.platform}`;
  return `hive build ${target.reference}${platform}`;
}

function renderStep(name: string, log: readonly string[], { paint, glyphs }: Look): string[] {
  const shown = log.slice(-shownLogLines);
  const left = log.length - shown.length;
  const bar = paint.dim(glyphs.bar);
  return [
    `  ${paint.bold(name)}`,
    ...(left > 0 ? [`  ${bar} ${paint.dim(`${glyphs.ellipsis} ${left} lines before`)}`] : []),
    ...shown.map((line) => `  ${bar} ${line}`.trimEnd()),
  ];
}

function renderSource(source: NonNullable<Failure["source"]>, { paint, glyphs }: Look): string[] {
  const lines = printableLines(source.text.trimEnd());
  // A here-document may have hundreds of lines: its beginning says where it is.
  const last = Math.min(Math.max(source.line, source.endLine), source.line + markedLines - 1);
  const from = Math.max(1, source.line - contextLines);
  const to = Math.min(lines.length, last + contextLines);
  const digits = String(to).length;
  const excerpt: string[] = [];
  for (let number = from; number <= to; number++) {
    const marked = number >= source.line && number <= last;
    const gutter = `${marked ? ">" : " "} ${String(number).padStart(digits)} ${glyphs.bar}`;
    const line = `  ${marked ? paint.red(gutter) : paint.dim(gutter)} ${lines[number - 1] ?? ""}`;
    excerpt.push(line.trimEnd());
  }
  const { templateLine } = source;
  const where = templateLine === undefined ? `${source.line}` : `${templateLine}, as rendered:`;
  return [`  ${paint.dim("-->")} ${printable(source.file)}:${where}`, ...excerpt];
}
