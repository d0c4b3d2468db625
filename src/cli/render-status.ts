import { printable } from "../base/printable.ts";
import type { InputChange } from "../inputs/compare-inputs.ts";
import type { TargetStatus } from "../inputs/target-status.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";

type NamedChange = Extract<InputChange, { readonly name: string }>;

const revision = "org.opencontainers.image.revision";

/**
 * In one line why a target is built or is not: `changed: file app.py (+2)`.
 * @param platform the target's: a parent for the same one is named without it
 */
export function summarizeStatus(
  { status, changes, reasons }: TargetStatus,
  platform: Platform,
): string {
  if (status === "unchanged") return status;
  const [first] = changes;
  if (first === undefined) return printable(reasons[0] ?? status);
  const more = changes.length + reasons.length - 1;
  return `changed: ${printable(titleOf(first, platform))}${more === 0 ? "" : ` (+${more})`}`;
}

/** A change in full, as lines. Names and texts are foreign: a terminal, or a CI that reads logs, might obey them. */
export function describeChange(change: InputChange, platform: Platform): string[] {
  return linesOf(change, platform).map(printable);
}

function linesOf(change: InputChange, platform: Platform): string[] {
  const title = titleOf(change, platform);
  if (change.kind === "file") {
    const { path, how, from, to } = change;
    if (path === "") return [`${title}: which ones is not known any more`];
    return [`${title}: ${how}${from === undefined ? "" : ` ${from} -> ${to}`}`];
  }
  if (change.kind === "dockerfile") {
    const { lines } = change;
    if (lines === undefined) return [`${title}: what it was is not known any more`];
    return [`${title}:`, ...lines.map(({ sign, line, text }) => `  ${sign}${line} ${text}`)];
  }
  const { kind } = change;
  const [from, to] = [change.from, change.to].map((value) => value && valueOf(change, value));
  if (kind === "parent" && to === undefined) return [`${title}: to be built first`];
  if (kind === "ssh") return [`${title}: ${to === undefined ? "removed" : "added"}`];
  if (from === undefined) return [`${title}: added (${to})`];
  return [`${title}: ${to === undefined ? `removed (was ${from})` : `${from} -> ${to}`}`];
}

/** `file app.py`, `base alpine:3.22`. */
function titleOf(change: InputChange, platform: Platform): string {
  if (change.kind === "file") return change.path === "" ? "files" : `file ${change.path}`;
  if (change.kind === "dockerfile") return "Dockerfile";
  const { kind, name } = change;
  if (kind === "epoch") return "image's time";
  if (kind === "label" && name === revision) return "commit";
  if (kind === "parent") return `parent ${withoutPlatform(name, platform)}`;
  return kind === name ? kind : `${kind} ${name}`;
}

/** `base:1.0` of `base:1.0 linux/amd64`, where that is the platform that is spoken of. */
export function withoutPlatform(id: string, platform: Platform): string {
  const suffix = ` ${formatPlatform(platform)}`;
  return id.endsWith(suffix) ? id.slice(0, -suffix.length) : id;
}

function valueOf({ kind, name }: NamedChange, value: string): string {
  if (kind === "epoch") return new Date(Number(value) * 1000).toISOString().replace(".000Z", "Z");
  return kind === "label" && name === revision ? value.slice(0, 12) : value;
}
