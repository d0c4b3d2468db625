import { formatBytes } from "../base/format-bytes.ts";
import { findFailedStep } from "./failed-step.ts";
import type { RunState, TargetState } from "./run-state.ts";
import { formatStepName } from "./step-name.ts";
import { spinnerAt } from "./spinner.ts";
import { currentStep, transferOf } from "./step-state.ts";
import type { Look } from "./terminal.ts";

/** What the row of a target says, before it is fitted to the terminal. */
type Description = {
  readonly sign: string;
  readonly detail: string;
  /** What isn't cut: stands between detail and time. */
  readonly note?: string | undefined;
  readonly time?: number;
};

/** What a target does or what became of it; `now` is milliseconds since 1970. */
export function describeTarget(
  target: TargetState,
  { state, now, look }: { readonly state: RunState; readonly now: number; readonly look: Look },
): Description {
  const { status } = target;
  const { paint, glyphs } = look;
  switch (status.kind) {
    case "waiting":
      if (status.because !== undefined) {
        const detail = paint.yellow(`to be built again: ${status.because}`);
        return { sign: paint.yellow(glyphs.waiting), detail };
      }
      return { sign: paint.dim(glyphs.waiting), detail: paint.dim(describeWaiting(target, state)) };
    case "running": {
      const sign = paint.cyan(spinnerAt(now, glyphs));
      const { detail, note } = describeWork(target);
      const place = target.node === undefined ? "" : paint.dim(` on ${target.node}`);
      return { sign, detail: `${detail}${place}`, note, time: now - status.startedAt };
    }
    case "built":
    case "cached":
    case "unchanged": {
      const detail = paint.dim(status.kind);
      return {
        sign: paint.green(glyphs.done),
        detail,
        note: paint.dim(formatBytes(status.size)),
        time: status.duration,
      };
    }
    case "failed": {
      const step = findFailedStep(target, status.event);
      const detail = paint.red(step === undefined ? "failed" : `failed: ${step.name}`);
      return { sign: paint.red(glyphs.failed), detail, time: status.duration };
    }
    case "canceled": {
      const detail = paint.yellow("canceled");
      return { sign: paint.yellow(glyphs.skipped), detail, time: status.duration };
    }
    case "skipped": {
      const detail = paint.yellow(`skipped: ${status.because}`);
      return { sign: paint.yellow(glyphs.skipped), detail };
    }
  }
}

function describeWaiting(target: TargetState, state: RunState): string {
  const open = target.needs.flatMap((id) => {
    const kind = state.targets.get(id)?.status.kind;
    return kind === "waiting" || kind === "running" ? [state.targets.get(id)?.reference ?? id] : [];
  });
  return open.length === 0 ? "queued" : `waiting for ${open.join(", ")}`;
}

function describeWork(target: TargetState): Pick<Description, "detail" | "note"> {
  const step = currentStep(target.steps) ?? [...target.steps.values()].at(-1);
  if (step === undefined) return { detail: "starting" };
  const detail = formatStepName(step.name);
  const transfer = transferOf(step);
  if (transfer === undefined) return { detail };
  const { current, total } = transfer;
  return {
    detail,
    note: total === 0 ? formatBytes(current) : `${formatBytes(current)} / ${formatBytes(total)}`,
  };
}
