import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type {
  StatusResponse,
  Vertex,
  VertexLog,
  VertexStatus,
  VertexWarning,
} from "../../gen/buildkit/control_pb.ts";
import { cacheDirection } from "./cache-direction.ts";
import { createLogLines, type LogLines } from "./log-lines.ts";
import { createRunIntervals, type RunIntervals } from "./run-intervals.ts";
import type { StepDone, StepEvent, StepStarted } from "./step-event.ts";

/**
 * How long a step must stay done before that is told. The daemon completes a step when its cache was looked up
 * and starts it again a moment later to run it; nobody wants to read of that.
 */
const settleTime = 60;

/** Turns the daemon's status messages into events. */
export type StatusReader = Disposable & {
  push(message: StatusResponse): void;
  /** Tells what was held back. Nothing may be pushed afterwards. */
  finish(): void;
  /** The first error of a step that isn't only that the build was canceled. */
  firstError():
    | { readonly step: string; readonly name: string; readonly message: string }
    | undefined;
};

type Step = {
  /** As the daemon put it last. */
  vertex: Vertex | undefined;
  /** Once cached, always: the daemon forgets it when it fetches the layers of what it found in a cache. */
  cached: boolean;
  /** What the listener believes. */
  told: "nothing" | "running" | "done" | "failed";
  readonly runs: RunIntervals;
  readonly logs: Map<1 | 2, LogLines>;
};

/**
 * Reads status messages; every entry of one replaces what was known of its step.
 * @param onEvent must not throw.
 */
export function createStatusReader(onEvent: (event: StepEvent) => void): StatusReader {
  const steps = new Map<string, Step>();
  /** Steps whose last word may not be told yet, and since when. */
  const unsettled = new Map<string, number>();
  let timer: Timer | undefined;
  let failed: ReturnType<StatusReader["firstError"]>;

  function stepOf(digest: string): Step {
    const known = steps.get(digest);
    if (known !== undefined) return known;
    const step: Step = {
      vertex: undefined,
      cached: false,
      told: "nothing",
      runs: createRunIntervals(),
      logs: new Map(),
    };
    steps.set(digest, step);
    return step;
  }

  function readVertex(vertex: Vertex): void {
    const step = stepOf(vertex.digest);
    // A step that is announced again without a start has not lost the one that it had.
    if (vertex.started === undefined) return;
    step.vertex = vertex;
    step.cached ||= vertex.cached;
    step.runs.note(
      milliseconds(vertex.started),
      vertex.completed && milliseconds(vertex.completed),
    );
    if (step.told === "nothing") {
      // What it builds on is done for good.
      vertex.inputs.forEach(settleDigest);
      tellStarted(step, vertex);
    }
    // What is about a cache may fail without the build failing.
    const isCache = cacheDirection(vertex.name) !== undefined;
    if (vertex.error !== "" && !isCanceled(vertex.error) && !isCache) {
      failed ??= { step: vertex.digest, name: vertex.name, message: vertex.error };
    }
    unsettled.set(vertex.digest, performance.now());
  }

  function readLog(log: VertexLog): void {
    const step = stepOf(log.vertex);
    const stream = log.stream === 2n ? 2 : 1;
    const lines = step.logs.get(stream) ?? createLogLines();
    step.logs.set(stream, lines);
    for (const text of lines.push(log.msg)) {
      onEvent({ type: "log", step: log.vertex, stream, text });
    }
  }

  function settleDigest(digest: string): void {
    const step = steps.get(digest);
    if (step?.vertex !== undefined) settle(step, step.vertex);
  }

  function settle(step: Step, vertex: Vertex): void {
    unsettled.delete(vertex.digest);
    const { error } = vertex;
    if (!step.runs.ended()) {
      if (step.told === "done") tellStarted(step, vertex);
    } else if (step.told === "running" || (step.told === "done" && error !== "")) {
      endLogs(vertex.digest, step);
      step.told = error === "" ? "done" : "failed";
      onEvent({ ...doneEvent(vertex, step.runs.total()), cached: step.cached });
    }
  }

  function tellStarted(step: Step, vertex: Vertex): void {
    step.told = "running";
    onEvent(startedEvent(vertex));
  }

  function endLogs(digest: string, step: Step): void {
    for (const [stream, lines] of step.logs) {
      for (const text of lines.finish()) onEvent({ type: "log", step: digest, stream, text });
    }
    step.logs.clear();
  }

  function settleOld(): void {
    const now = performance.now();
    for (const [digest, since] of unsettled) {
      if (now - since >= settleTime) settleDigest(digest);
    }
    timer = unsettled.size > 0 ? setTimeout(settleOld, settleTime) : undefined;
  }

  return {
    push(message) {
      message.vertexes.forEach(readVertex);
      for (const status of message.statuses) onEvent(progressEvent(status));
      message.logs.forEach(readLog);
      for (const warning of message.warnings) onEvent(warningEvent(warning));
      // A failure is final; everything else may change its mind.
      for (const { digest, error } of message.vertexes) if (error !== "") settleDigest(digest);
      if (unsettled.size > 0) timer ??= setTimeout(settleOld, settleTime);
    },
    finish() {
      clearTimeout(timer);
      [...unsettled.keys()].forEach(settleDigest);
      for (const [digest, step] of steps) endLogs(digest, step);
    },
    firstError: () => failed,
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

function startedEvent({ digest, name, progressGroup: group }: Vertex): StepStarted {
  if (group === undefined) return { type: "started", step: digest, name };
  const { id, name: groupName, weak } = group;
  return { type: "started", step: digest, name, group: { id, name: groupName, weak } };
}

function doneEvent({ digest, name, cached, error }: Vertex, duration: number): StepDone {
  const done: StepDone = { type: "done", step: digest, name, cached, duration };
  return error === "" ? done : { ...done, error, canceled: isCanceled(error) };
}

function progressEvent(status: VertexStatus): StepEvent {
  return {
    type: "progress",
    step: status.vertex,
    item: status.ID,
    current: Number(status.current),
    total: Number(status.total),
    done: status.completed !== undefined,
  };
}

function warningEvent(warning: VertexWarning): StepEvent {
  const decoder = new TextDecoder();
  const line = warning.ranges[0]?.start?.line;
  return {
    type: "warning",
    step: warning.vertex,
    message: decoder.decode(warning.short),
    detail: warning.detail.map((bytes) => decoder.decode(bytes)),
    ...(warning.url !== "" && { url: warning.url }),
    ...(warning.info !== undefined && { file: warning.info.filename }),
    ...(line !== undefined && { line }),
  };
}

/** Whether a step's error says only that somebody canceled the build. */
function isCanceled(error: string): boolean {
  return error.endsWith("context canceled");
}

function milliseconds(time: Timestamp): number {
  return Number(time.seconds) * 1000 + time.nanos / 1e6;
}
