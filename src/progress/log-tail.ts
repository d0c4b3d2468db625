import { printable } from "../base/printable.ts";

/** The end of a step's output: the last whole lines and the line that is being written. */
export type LogTail = {
  readonly lines: string[];
  /** Text after the last line break, as it came. */
  partial: string;
};

/** Lines of a step's output that are kept, to show them when it fails. */
export const keptLines = 200;
// A line longer than this is broken into several: memory stays bounded and nothing is lost.
const longestLine = 2000;

/** Of a step that printed nothing yet. */
export function createLogTail(): LogTail {
  return { lines: [], partial: "" };
}

/**
 * Takes the next piece of output and returns the lines that it completed, safe to print. A carriage return starts
 * the line again, as on a terminal: of a progress bar only its last state remains.
 */
export function appendLog(tail: LogTail, text: string): string[] {
  const completed: string[] = [];
  let rest = text;
  for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n")) {
    extendLine(tail, rest.slice(0, at), completed);
    completed.push(lineOf(tail.partial));
    tail.partial = "";
    rest = rest.slice(at + 1);
  }
  extendLine(tail, rest, completed);
  keep(tail, completed);
  return completed;
}

/** Ends the line that is being written; returns it unless it is empty. */
export function endLog(tail: LogTail): string[] {
  const line = unfinishedLine(tail);
  tail.partial = "";
  const completed = line === "" ? [] : [line];
  keep(tail, completed);
  return completed;
}

/** The line that is being written, safe to print; empty when there is none. */
export function unfinishedLine(tail: LogTail): string {
  return lineOf(tail.partial);
}

function extendLine(tail: LogTail, piece: string, completed: string[]): void {
  let line = overwritten(tail.partial + piece);
  while (line.length > longestLine) {
    completed.push(printable(line.slice(0, longestLine)));
    line = line.slice(longestLine);
  }
  tail.partial = line;
}

/** Drops what carriage returns in front of more text have overwritten; one at the end may belong to a line break. */
function overwritten(line: string): string {
  if (!line.includes("\r")) return line;
  const text = withoutReturns(line);
  const kept = text.slice(text.lastIndexOf("\r") + 1);
  return text.length < line.length ? `${kept}\r` : kept;
}

/** `line` without the carriage returns at its end. A loop: the regular expression takes quadratic time. */
function withoutReturns(line: string): string {
  let end = line.length;
  while (line[end - 1] === "\r") end--;
  return line.slice(0, end);
}

function lineOf(partial: string): string {
  return printable(withoutReturns(partial)).trimEnd();
}

function keep(tail: LogTail, completed: readonly string[]): void {
  tail.lines.push(...completed.slice(-keptLines));
  if (tail.lines.length > keptLines) tail.lines.splice(0, tail.lines.length - keptLines);
}
