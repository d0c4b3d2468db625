import { formatBytes } from "../base/format-bytes.ts";
import { formatDuration, formatElapsed } from "../base/format-duration.ts";
import type { Painter } from "../base/painter.ts";
import type { EventOf } from "./event.ts";
import { howDone, type RunState, type TargetState } from "./run-state.ts";
import { shortDigest } from "./short-digest.ts";
import { formatStepName } from "./step-name.ts";
import { currentStep, transferOf, type StepState } from "./step-state.ts";

const prefixColors = ["cyan", "magenta", "blue", "green", "yellow"] as const;

// Internal work is mentioned when it took noticeable time.
const slowInternal = 1000;

/** `[python:3.13-slim linux/arm64 4/7]`, in a colour of the target's own. */
export function linePrefix(
  target: TargetState,
  step: StepState | undefined,
  paint: Painter,
): string {
  const position = step === undefined || step.name.position === "" ? "" : ` ${step.name.position}`;
  const color = prefixColors[Bun.hash.crc32(target.id) % prefixColors.length] ?? "cyan";
  return paint[color](`[${target.id}${position}]`);
}

/** What is said when a step ends; undefined when it isn't worth a line. `announced`: its start has got one. */
export function stepDoneLine(
  step: StepState,
  event: EventOf<"step.done">,
  announced: boolean,
  paint: Painter,
): string | undefined {
  const took = formatDuration(event.duration);
  const name = announced ? "" : `${step.name.label} `;
  switch (step.status) {
    case "failed":
      // The message follows in the failure block.
      return paint.red(`FAILED ${took} ${name}`);
    case "canceled":
      // What nobody was told of is not worth telling that it stopped; another build of the same step may go on with it.
      if (!announced) return undefined;
      return paint.yellow(`CANCELED ${took} ${name}`);
    case "cached":
      return step.name.internal ? undefined : paint.dim(`CACHED ${step.name.label}`);
    case "done":
    case "running":
      if (step.name.internal && !announced && event.duration < slowInternal) return undefined;
      return paint.dim(`${name}done ${took}`);
  }
}

/** What is said when a target is built. */
export function targetDoneLine(event: EventOf<"target.done">, paint: Painter): string {
  const facts = [
    formatDuration(event.duration),
    formatBytes(event.size),
    shortDigest(event.digest),
  ];
  return `${paint.green(howDone(event))} ${facts.join(" ")}`;
}

/** What is said of a name at a registry: nothing where it stood for the same before. */
export function namedLines(
  { name, of, platforms, digest, changed }: EventOf<"named">,
  paint: Painter,
): string[] {
  if (!changed) return [];
  return [`${paint.green("named")} ${name} ${of ?? platforms.join(", ")} ${shortDigest(digest)}`];
}

/** The sign of life in a silent log: how far the run is and what takes the time. */
export function heartbeatLine(state: RunState, now: number): string {
  const targets = [...state.targets.values()];
  const waiting = targets.filter((target) => target.status.kind === "waiting");
  const running = targets.filter((target) => target.status.kind === "running");
  const done = targets.length - waiting.length - running.length;
  const elapsed = formatElapsed(now - (state.startedAt ?? now));
  const work = running.slice(0, 3).map((target) => describeWork(target, now));
  const more = running.length > work.length ? [`${running.length - work.length} more`] : [];
  return `still running after ${elapsed}, ${[`${done}/${targets.length} done`, ...work, ...more].join("; ")}`;
}

function describeWork(target: TargetState, now: number): string {
  const step = currentStep(target.steps);
  if (step === undefined) return target.id;
  const transfer = transferOf(step);
  const moved = transfer === undefined ? "" : `, ${formatBytes(transfer.current)}`;
  const elapsed = formatElapsed(now - step.startedAt);
  return `${target.id} ${formatStepName(step.name)} (${elapsed}${moved})`;
}
