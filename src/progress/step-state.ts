import { printable } from "../base/printable.ts";
import type { EventOf } from "./event.ts";
import { appendLog, createLogTail, endLog, type LogTail } from "./log-tail.ts";
import { parseStepName, type StepName } from "./step-name.ts";

/** One step of a target's build. */
export type StepState = {
  readonly name: StepName;
  status: "running" | "done" | "cached" | "failed" | "canceled";
  /** When it started for the last time, milliseconds since 1970. */
  startedAt: number;
  /** Milliseconds; of all runs of the step, once it is done. */
  duration: number;
  readonly log: LogTail;
  /** Transfers that are under way, by name. */
  readonly items: Map<string, { readonly current: number; readonly total: number }>;
};

/** What happens to a step, of all that happens in a run. */
export type EventOfStep =
  | EventOf<"step.start">
  | EventOf<"step.progress">
  | EventOf<"step.log">
  | EventOf<"step.done">;

/** Takes an event of a step into the steps of its target; returns the lines of output that it completed. */
export function applyStepEvent(steps: Map<string, StepState>, event: EventOfStep): string[] {
  const step = stepOf(steps, event);
  switch (event.type) {
    case "step.start":
      // BuildKit starts a step again after it looked into the cache.
      step.status = "running";
      step.startedAt = event.time;
      return [];
    case "step.progress":
      if (event.done) step.items.delete(printable(event.item));
      else step.items.set(printable(event.item), { current: event.current, total: event.total });
      return [];
    case "step.log":
      return appendLog(step.log, event.text);
    case "step.done": {
      const lines = endLog(step.log);
      step.status = doneStatus(event);
      step.duration = event.duration;
      step.items.clear();
      if (step.status !== "failed") step.log.lines.length = 0;
      return lines;
    }
  }
}

/** The step that a row shows: of those that run the first instruction, else the first one; undefined between steps. */
export function currentStep(steps: ReadonlyMap<string, StepState>): StepState | undefined {
  const running = [...steps.values()].filter((step) => step.status === "running");
  return running.find((step) => !step.name.internal) ?? running[0];
}

/** Bytes moved and to move over all transfers of a step; undefined when there are none. */
export function transferOf(
  step: StepState,
): { readonly current: number; readonly total: number } | undefined {
  let current = 0;
  let total = 0;
  let known = true;
  for (const item of step.items.values()) {
    current += item.current;
    total += item.total;
    known &&= item.total > 0;
  }
  return current > 0 ? { current, total: known ? total : 0 } : undefined;
}

function stepOf(steps: Map<string, StepState>, event: EventOfStep): StepState {
  const known = steps.get(event.step);
  if (known !== undefined) return known;
  const step: StepState = {
    name: parseStepName(event.type === "step.start" ? event.name : event.step),
    status: "running",
    startedAt: event.time,
    duration: 0,
    log: createLogTail(),
    items: new Map(),
  };
  steps.set(event.step, step);
  return step;
}

function doneStatus(event: EventOf<"step.done">): StepState["status"] {
  if (event.canceled === true) return "canceled";
  if (event.error !== undefined) return "failed";
  return event.cached ? "cached" : "done";
}
