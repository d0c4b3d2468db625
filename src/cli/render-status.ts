import { printable } from "../base/printable.ts";
import type { InputChange } from "../inputs/compare-inputs.ts";
import type { TargetStatus } from "../inputs/target-status.ts";

/** In one line why a target is built or is not: `changed: file app.py (+2)`. */
export function summarizeStatus({ status, changes, reasons }: TargetStatus): string {
  if (status === "unchanged") return status;
  const [first] = changes;
  if (first === undefined) return printable(reasons[0] ?? status);
  const more = changes.length + reasons.length - 1;
  return `changed: ${describeChange(first)[0]?.split(":")[0] ?? ""}${more === 0 ? "" : ` (+${more})`}`;
}

/** A change in full, as lines. Names and texts are foreign: a terminal, or a CI that reads logs, might obey them. */
export function describeChange(change: InputChange): string[] {
  return linesOf(change).map(printable);
}

function linesOf(change: InputChange): string[] {
  if (change.kind === "file") {
    const { path, how, from, to } = change;
    if (path === "") return ["files: which ones is not known any more"];
    return [`file ${path}: ${how}${from === undefined ? "" : ` ${from} -> ${to}`}`];
  }
  if (change.kind === "dockerfile") {
    const { lines } = change;
    if (lines === undefined) return ["Dockerfile: what it was is not known any more"];
    return ["Dockerfile:", ...lines.map(({ sign, line, text }) => `  ${sign}${line} ${text}`)];
  }
  const { kind, name, from, to } = change;
  const what = kind === name ? kind : `${kind} ${name}`;
  if (kind === "parent" && to === undefined) return [`${what}: to be built first`];
  if (kind === "ssh") return [`${what}: ${to === undefined ? "removed" : "added"}`];
  if (from === undefined) return [`${what}: added, ${to}`];
  return [`${what}: ${to === undefined ? `removed, was ${from}` : `${from} -> ${to}`}`];
}
