import { printable } from "../base/printable.ts";
import type { Digest } from "../oci/digest.ts";
import type { BuildEvent, CacheBytes, EventOf, PlannedTarget } from "./event.ts";
import { applyStepEvent, type EventOfStep, type StepState } from "./step-state.ts";

/** What is known about a run, from its events: the one model that every display and the summary render. */
export type RunState = {
  startedAt: number | undefined;
  /** Set by `run.end`. */
  end: { readonly ok: boolean; readonly duration: number } | undefined;
  /** The BuildKits that it builds on. */
  readonly nodes: EventOf<"connected">[];
  /** By id, in the order of the plan. */
  readonly targets: Map<string, TargetState>;
  /** Names of references and aliases that were written at a registry. */
  readonly names: EventOf<"named">[];
  /** Each different one once, the first thousand. */
  readonly warnings: Map<string, EventOf<"warning">>;
};

/** What is known about one target of the plan. */
export type TargetState = PlannedTarget & {
  status: TargetStatus;
  /** The address of the BuildKit that builds it, when there are several. */
  node?: string;
  readonly steps: Map<string, StepState>;
  /** The last lines that its steps wrote, while it runs. */
  readonly output: string[];
};

/** Durations are milliseconds, times milliseconds since 1970, sizes bytes. */
export type TargetStatus =
  | {
      readonly kind: "waiting";
      /** Why it is to be built once more. */
      readonly because?: string;
    }
  | { readonly kind: "running"; readonly startedAt: number }
  | {
      readonly kind: "built" | "cached" | "unchanged";
      readonly digest: Digest;
      readonly size: number;
      readonly cache?: CacheBytes;
      /** The name that it has at a registry. */
      readonly pushed?: string;
      readonly duration: number;
    }
  | { readonly kind: "failed"; readonly event: EventOf<"target.failed">; readonly duration: number }
  | { readonly kind: "canceled"; readonly duration: number }
  | { readonly kind: "skipped"; readonly because: string };

const mostWarnings = 1000;
// More than a display has room for.
const keptOutput = 50;

/** Of a run that has told nothing yet. */
export function createRunState(): RunState {
  return {
    startedAt: undefined,
    end: undefined,
    nodes: [],
    targets: new Map(),
    names: [],
    warnings: new Map(),
  };
}

/**
 * Takes one event into `state`. Returns the lines of output that it completed, safe to print; the state itself keeps
 * the last ones only.
 */
export function applyEvent(state: RunState, event: BuildEvent): readonly string[] {
  state.startedAt ??= event.time;
  switch (event.type) {
    case "run.start":
      state.startedAt = event.time;
      return [];
    case "connected":
      state.nodes.push(event);
      return [];
    case "plan":
      for (const target of event.targets) state.targets.set(target.id, plannedTarget(target));
      return [];
    case "target.start":
      startTarget(targetOf(state, event.target), event);
      return [];
    case "target.retry":
      restartTarget(targetOf(state, event.target), event);
      return [];
    case "step.start":
    case "step.progress":
    case "step.log":
    case "step.done":
      return applyToTarget(targetOf(state, event.target), event);
    case "warning":
      if (state.warnings.size < mostWarnings) state.warnings.set(warningKey(event), event);
      return [];
    case "target.done":
    case "target.failed":
    case "target.skipped":
      endTarget(targetOf(state, event.target), event);
      return [];
    case "named":
      state.names.push(event);
      return [];
    case "run.end":
      state.end = { ok: event.ok, duration: event.duration };
      return [];
  }
}

/** Equal for warnings that say the same, as those of one Dockerfile for several platforms do. */
export function warningKey(event: EventOf<"warning">): string {
  return JSON.stringify([event.file, event.line, event.message]);
}

function targetOf(state: RunState, id: string): TargetState {
  const known = state.targets.get(id);
  if (known !== undefined) return known;
  // An event of a target that no plan announced: show it all the same.
  const [reference = id, platform = ""] = id.split(" ");
  const target = plannedTarget({ id, reference, platform, needs: [] });
  state.targets.set(id, target);
  return target;
}

function plannedTarget(target: PlannedTarget): TargetState {
  return {
    id: printable(target.id),
    reference: printable(target.reference),
    platform: printable(target.platform),
    needs: target.needs,
    status: { kind: "waiting" },
    steps: new Map(),
    output: [],
  };
}

function applyToTarget(target: TargetState, event: EventOfStep): readonly string[] {
  const lines = applyStepEvent(target.steps, event);
  target.output.push(...lines.slice(-keptOutput));
  if (target.output.length > keptOutput) target.output.splice(0, target.output.length - keptOutput);
  return lines;
}

function startTarget(target: TargetState, { time, node }: EventOf<"target.start">): void {
  target.status = { kind: "running", startedAt: time };
  if (node !== undefined) target.node = printable(node);
}

/** Nothing that it did counts: neither its steps nor what they wrote. */
function restartTarget(target: TargetState, { reason }: EventOf<"target.retry">): void {
  target.status = { kind: "waiting", because: printable(reason) };
  delete target.node;
  target.steps.clear();
  target.output.length = 0;
}

type EndEvent = EventOf<"target.done"> | EventOf<"target.failed"> | EventOf<"target.skipped">;

function endTarget(target: TargetState, event: EndEvent): void {
  target.status = endStatus(event);
  const failed = target.status.kind === "failed";
  target.output.length = 0;
  for (const step of target.steps.values()) {
    step.items.clear();
    // The failure block shows the output of the step that failed; no other is looked at again.
    if (!(failed && step.status === "failed")) step.log.lines.length = 0;
  }
}

/** How a target's image came to be. */
export function howDone({
  cached,
  unchanged,
}: Pick<EventOf<"target.done">, "cached" | "unchanged">): "built" | "cached" | "unchanged" {
  if (unchanged === true) return "unchanged";
  return cached ? "cached" : "built";
}

function endStatus(event: EndEvent): TargetStatus {
  switch (event.type) {
    case "target.done": {
      const { digest, size, duration, cache, pushed } = event;
      const moved = cache === undefined ? {} : { cache };
      const name = pushed === undefined ? {} : { pushed };
      return { kind: howDone(event), digest, size, ...moved, ...name, duration };
    }
    case "target.failed": {
      if (event.canceled) return { kind: "canceled", duration: event.duration };
      return { kind: "failed", event, duration: event.duration };
    }
    case "target.skipped":
      return { kind: "skipped", because: printable(event.because) };
  }
}
