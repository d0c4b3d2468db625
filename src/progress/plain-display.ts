import { formatDuration } from "../base/format-duration.ts";
import { printable, printableLines } from "../base/printable.ts";
import type { EventOf } from "./event.ts";
import { findFailedStep } from "./failed-step.ts";
import { foldLines } from "./fold-lines.ts";
import { createHeartbeat } from "./heartbeat.ts";
import {
  heartbeatLine,
  linePrefix,
  namedLines,
  stepDoneLine,
  targetDoneLine,
} from "./plain-lines.ts";
import { renderFailure, shownLogLines } from "./render-failure.ts";
import { renderEnd, renderWarning } from "./render-notices.ts";
import type { Clock, Output, Renderer } from "./renderer.ts";
import { createRunState, warningKey, type RunState, type TargetState } from "./run-state.ts";
import type { EventOfStep, StepState } from "./step-state.ts";
import type { CiVendor, Look } from "./terminal.ts";

type PlainOptions = {
  readonly look: Look;
  readonly clock: Clock;
  /** Whose log page folds groups of lines. */
  readonly ci?: CiVendor | undefined;
};

type TargetEndEvent = EventOf<"target.done"> | EventOf<"target.failed"> | EventOf<"target.skipped">;

// A step that is in the cache ends at once: its start is not worth a line. One that takes longer gets it.
const startDelay = 500;

/** The append-only display for logs: every line says which target and step it belongs to. */
export function createPlainDisplay(output: Output, options: PlainOptions): Renderer {
  const { look, clock } = options;
  const { paint } = look;
  const warned = new Set<string>();
  /** Steps that began and have no line yet, with their target. */
  const unannounced = new Map<StepState, TargetState>();
  let state: RunState = createRunState();
  const heartbeat = createHeartbeat(clock, () => {
    if (state.end === undefined) print([paint.dim(heartbeatLine(state, clock.now()))]);
  });
  let stopAnnouncing: (() => void) | undefined;

  function print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    output.write(`${lines.join("\n")}\n`);
    heartbeat.restart();
  }

  function say(target: TargetState, step: StepState | undefined, lines: readonly string[]): void {
    const prefix = linePrefix(target, step, paint);
    print(lines.map((line) => `${prefix} ${line}`.trimEnd()));
  }

  function announce(target: TargetState, step: StepState): void {
    if (unannounced.delete(step)) say(target, step, [paint.bold(step.name.label)]);
  }

  function announceDue(): void {
    stopAnnouncing = undefined;
    for (const [step, target] of unannounced) {
      const due = clock.now() - step.startedAt >= startDelay;
      if (due && !step.name.internal) announce(target, step);
    }
    const left = [...unannounced.keys()].some((step) => !step.name.internal);
    if (left) stopAnnouncing = clock.schedule(announceDue, startDelay);
  }

  function onFailed(target: TargetState): void {
    const { status } = target;
    if (status.kind === "canceled") {
      say(target, undefined, [paint.yellow(`canceled after ${formatDuration(status.duration)}`)]);
    }
    if (status.kind !== "failed") return;
    print(earlierOutput(target, status.event));
    print(renderFailure(target, status.event, look));
  }

  /** In a log page that folds: more of the output than the failure block shows, as its lines stand apart above. */
  function earlierOutput(
    target: TargetState,
    failure: EventOf<"target.failed">,
  ): readonly string[] {
    if (options.ci !== "github" && options.ci !== "gitlab") return [];
    const log = findFailedStep(target, failure)?.log ?? [];
    if (log.length <= shownLogLines) return [];
    const title = `${target.id}: last ${log.length} lines of output`;
    const lines = log.map((line) => `  ${look.glyphs.bar} ${line}`);
    return foldLines(options.ci, title, lines, failure.time);
  }

  function onStepStart(target: TargetState, step: StepState): void {
    unannounced.set(step, target);
    stopAnnouncing ??= clock.schedule(announceDue, startDelay);
  }

  function onStepLines(target: TargetState, step: StepState, lines: readonly string[]): void {
    if (lines.length === 0) return;
    announce(target, step);
    say(target, step, lines);
  }

  function onStepDone(target: TargetState, step: StepState, event: EventOf<"step.done">): void {
    const announced = !unannounced.delete(step);
    const line = stepDoneLine(step, event, announced, paint);
    if (line !== undefined) say(target, step, [line]);
  }

  function onStep(event: EventOfStep, lines: readonly string[]): void {
    const target = state.targets.get(event.target);
    const step = target?.steps.get(event.step);
    if (target === undefined || step === undefined) return;
    if (event.type === "step.start") onStepStart(target, step);
    onStepLines(target, step, lines);
    if (event.type === "step.done") onStepDone(target, step, event);
  }

  function onTargetStart({ target: id, node }: EventOf<"target.start">): void {
    const target = state.targets.get(id);
    if (target === undefined || node === undefined) return;
    say(target, undefined, [paint.dim(`on ${printable(node)}`)]);
  }

  function onTargetRetry({ target: id, node, reason }: EventOf<"target.retry">): void {
    const target = state.targets.get(id);
    if (target === undefined) return;
    for (const [step, { id: owner }] of unannounced) if (owner === id) unannounced.delete(step);
    const place = state.nodes.length > 1 ? `on ${node}: ` : "";
    const text = `lost, and built again: ${place}${reason}`;
    say(target, undefined, printableLines(text).map(paint.yellow));
  }

  function onTargetEnd(event: TargetEndEvent): void {
    const target = state.targets.get(event.target);
    if (target === undefined) return;
    if (event.type === "target.failed") onFailed(target);
    else if (event.type === "target.done") say(target, undefined, [targetDoneLine(event, paint)]);
    else say(target, undefined, [paint.yellow(`skipped: ${printable(event.because)}`)]);
  }

  function onWarning(event: EventOf<"warning">): void {
    const key = warningKey(event);
    if (warned.has(key)) return;
    warned.add(key);
    print([renderWarning(event, look)]);
  }

  return {
    onEvent(event, current, lines) {
      state = current;
      if (!heartbeat.running) heartbeat.restart();
      switch (event.type) {
        case "run.start":
          return;
        case "target.start":
          return onTargetStart(event);
        case "target.retry":
          return onTargetRetry(event);
        case "connected":
          return print([
            paint.dim(`BuildKit ${printable(event.version)} at ${printable(event.address)}`),
          ]);
        case "plan":
          return print([
            paint.dim(`${event.targets.length} ${event.targets.length === 1 ? "image" : "images"}`),
          ]);
        case "step.start":
        case "step.progress":
        case "step.log":
        case "step.done":
          return onStep(event, lines);
        case "warning":
          return onWarning(event);
        case "target.done":
        case "target.failed":
        case "target.skipped":
          return onTargetEnd(event);
        case "named":
          return print(namedLines(event, paint));
        case "run.end":
          print(renderEnd(state, look));
          heartbeat.stop();
      }
    },
    close() {
      heartbeat.stop();
      stopAnnouncing?.();
    },
  };
}
