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

/**
 * Characters that are kept of one build, here and by who listens; what is new beyond is not told. Thousands of steps have
 * room: a daemon that makes up more of them must not take all memory.
 */
const roomOfBuild = 8 * 1024 * 1024;
/** What a thing takes besides its texts. */
const roomOfOne = 200;
/** Steps whose output is kept at once: those that run, and those that failed. */
const mostLogs = 128;

type Step = {
  /** As the daemon put it last. */
  vertex: Vertex | undefined;
  /** Once cached, always: the daemon forgets it when it fetches the layers of what it found in a cache. */
  cached: boolean;
  /** What the listener believes. */
  told: "nothing" | "running" | "done" | "failed";
  readonly runs: RunIntervals;
  readonly logs: Map<1 | 2, LogLines>;
  /** What moves in it. */
  readonly items: Set<string>;
  /** Of the room, for what is known of it. */
  taken: number;
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
  let room = roomOfBuild;
  let logging = 0;

  /** Whether there is room for one more thing, which is then taken. */
  function take(length: number): boolean {
    if (length + roomOfOne > room) return false;
    room -= length + roomOfOne;
    return true;
  }

  /** Undefined for one too many. */
  function stepOf(digest: string): Step | undefined {
    const known = steps.get(digest);
    if (known !== undefined) return known;
    if (!take(digest.length)) return undefined;
    const step: Step = {
      vertex: undefined,
      cached: false,
      told: "nothing",
      runs: createRunIntervals(),
      logs: new Map(),
      items: new Set(),
      taken: 0,
    };
    steps.set(digest, step);
    return step;
  }

  function readVertex(vertex: Vertex): void {
    const step = stepOf(vertex.digest);
    // A step that is announced again without a start has not lost the one that it had.
    if (step === undefined || vertex.started === undefined) return;
    const more = lengthOf(vertex) - step.taken;
    if (more > 0) {
      if (!take(more)) return;
      step.taken += more;
    }
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
    if (step === undefined || (step.logs.size === 0 && logging === mostLogs)) return;
    if (step.logs.size === 0) logging++;
    const stream = log.stream === 2n ? 2 : 1;
    const lines = step.logs.get(stream) ?? createLogLines();
    step.logs.set(stream, lines);
    for (const text of lines.push(log.msg)) {
      onEvent({ type: "log", step: log.vertex, stream, text });
    }
  }

  function readProgress(status: VertexStatus): void {
    const step = stepOf(status.vertex);
    if (step === undefined) return;
    if (!step.items.has(status.ID)) {
      if (!take(status.ID.length)) return;
      step.items.add(status.ID);
    }
    onEvent(progressEvent(status));
  }

  function readWarning(warning: VertexWarning): void {
    const length = warning.detail.reduce((sum, bytes) => sum + bytes.length, 0);
    const { short, url, info } = warning;
    if (take(short.length + length + url.length + (info?.filename.length ?? 0))) {
      onEvent(warningEvent(warning));
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
      if (step.logs.size > 0 && error === "") logging--;
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
      message.statuses.forEach(readProgress);
      message.logs.forEach(readLog);
      message.warnings.forEach(readWarning);
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

function lengthOf({ name, error, inputs, progressGroup: group }: Vertex): number {
  const groupLength = group === undefined ? 0 : group.id.length + group.name.length;
  return (
    inputs.reduce((sum, digest) => sum + digest.length, name.length + error.length) + groupLength
  );
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
