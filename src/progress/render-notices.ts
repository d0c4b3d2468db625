import { printable } from "../base/printable.ts";
import type { EventOf } from "./event.ts";
import { renderFailureLine } from "./render-failure.ts";
import type { RunState } from "./run-state.ts";
import type { Look } from "./terminal.ts";

/** `warning: images/base/Dockerfile:3: text (url)`. */
export function renderWarning(event: EventOf<"warning">, { paint }: Look): string {
  const { file, line, url } = event;
  const place = file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}: `;
  const more = url === undefined ? "" : ` (${url})`;
  return `${paint.yellow("warning")}: ${printable(`${place}${event.message}${more}`)}`;
}

/** `app:1 linux/amd64 is built again, lost on unix:///...: text`. */
export function renderRetry(
  { target, node, reason }: EventOf<"target.retry">,
  { paint }: Look,
): string {
  return `${paint.yellow("warning")}: ${printable(`${target} is built again, lost on ${node}: ${reason}`)}`;
}

/** What ends the log of a run: the failed targets once more, a line each. Nothing when none failed. */
export function renderEnd(state: RunState, look: Look): string[] {
  const lines = [];
  for (const target of state.targets.values()) {
    if (target.status.kind !== "failed") continue;
    lines.push(renderFailureLine(target, target.status.event, look));
  }
  if (lines.length === 0) return [];
  return ["", look.paint.bold(`${lines.length} failed:`), ...lines, ""];
}
