import { digestOf } from "../../src/oci/digest.ts";
import type { Clock, Output } from "../../src/progress/renderer.ts";
import type { BuildEvent, UntimedEvent } from "../../src/progress/event.ts";
import { applyEvent, createRunState, type RunState } from "../../src/progress/run-state.ts";
import { lookFor } from "../../src/progress/terminal.ts";

/** The time at which scripted runs begin. */
export const start = 1_700_000_000_000;

/** Unicode without colours. */
export const plainLook = lookFor({ LANG: "C.UTF-8" }, true, "never");
export const asciiLook = lookFor({ LANG: "C" }, true, "never");
export const colorLook = lookFor({ LANG: "C.UTF-8" }, true, "always");

/** An event `seconds` after the start. */
export function at(seconds: number, event: UntimedEvent): BuildEvent {
  return { ...event, time: start + seconds * 1000 };
}

/** The state after `events`. */
export function reduceEvents(events: Iterable<BuildEvent>): RunState {
  const state = createRunState();
  for (const event of events) applyEvent(state, event);
  return state;
}

type FakeClock = Clock & {
  /** Moves the time to `seconds` after the start and runs what falls due on the way. */
  advanceTo(seconds: number): void;
  /** How many timers are set. */
  readonly pending: number;
};

export function createFakeClock(): FakeClock {
  let now = start;
  const timers = new Set<{ readonly due: number; readonly task: () => void }>();
  return {
    now: () => now,
    schedule(task, delay) {
      const timer = { due: now + delay, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advanceTo(seconds) {
      const end = start + seconds * 1000;
      for (;;) {
        const [next] = [...timers]
          .filter(({ due }) => due <= end)
          .toSorted((a, b) => a.due - b.due);
        if (next === undefined) break;
        timers.delete(next);
        now = next.due;
        next.task();
      }
      now = end;
    },
    get pending() {
      return timers.size;
    },
  };
}

type FakeOutput = Output & {
  columns: number;
  rows: number;
  readonly writes: string[];
  text(): string;
};

export function createFakeOutput(columns = 80, rows = 24): FakeOutput {
  const writes: string[] = [];
  return {
    isTTY: true,
    columns,
    rows,
    writes,
    write: (text) => void writes.push(text),
    text: () => writes.join(""),
  };
}

const amd64 = "linux/amd64";
const arm64 = "linux/arm64";

/** A family of seven: one cached, one built, one that fails and takes another with it, two that run, one that waits. */
export const script: readonly BuildEvent[] = [
  at(0, { type: "run.start", version: "0.1.0", root: "/project" }),
  at(0.1, {
    type: "connected",
    address: "tcp://127.0.0.1:1234",
    version: "v0.32.2",
    platforms: [amd64],
  }),
  at(0.2, {
    type: "plan",
    targets: [
      target("base:24.04", amd64),
      target("base:24.04", arm64),
      target("python:3.13-slim", amd64, "base:24.04"),
      target("python:3.13-slim", arm64, "base:24.04"),
      target("tools:2", amd64, "base:24.04"),
      target("tools-extra:2", amd64, "tools:2"),
      target("api:1.4.0", arm64, "python:3.13-slim"),
    ],
  }),
  at(0.3, { type: "target.start", target: "base:24.04 linux/amd64" }),
  at(0.3, { type: "target.start", target: "base:24.04 linux/arm64" }),
  ...step(
    "base:24.04 linux/amd64",
    "a1",
    "[internal] load build definition from Dockerfile",
    0.3,
    0.4,
  ),
  ...step("base:24.04 linux/amd64", "a2", "[1/2] FROM docker.io/library/debian:13", 0.4, 0.5, true),
  ...step("base:24.04 linux/amd64", "a3", "[2/2] RUN apt-get update", 0.5, 0.6, true),
  at(0.7, done("base:24.04 linux/amd64", 31_200_000, true, 400)),
  at(1, startStep("base:24.04 linux/arm64", "b3", "[2/2] RUN apt-get update")),
  at(
    1.2,
    log("base:24.04 linux/arm64", "b3", "Get:1 http://deb.example/ trixie InRelease\nReading"),
  ),
  at(1.8, log("base:24.04 linux/arm64", "b3", " package lists...\r\n10%\r50%\r100% done\n")),
  at(4.5, endStep("base:24.04 linux/arm64", "b3", 3500)),
  ...step("base:24.04 linux/arm64", "b4", "exporting to image", 4.5, 6),
  at(6, done("base:24.04 linux/arm64", 33_100_000, false, 5700)),
  at(6.1, { type: "target.start", target: "python:3.13-slim linux/amd64" }),
  at(6.1, { type: "target.start", target: "python:3.13-slim linux/arm64" }),
  at(6.1, { type: "target.start", target: "tools:2 linux/amd64" }),
  at(6.2, startStep("tools:2 linux/amd64", "t3", "[build 3/5] RUN make")),
  at(6.3, log("tools:2 linux/amd64", "t3", "cc -o tool tool.c\ntool.c:1:1: error: unknown type\n")),
  at(
    6.4,
    startStep("python:3.13-slim linux/arm64", "p4", "[4/7] RUN pip install -r requirements.txt"),
  ),
  at(6.5, {
    type: "warning",
    target: "tools:2 linux/amd64",
    message: "FromAsCasing: 'as' and 'FROM' keywords' casing do not match",
    file: "images/tools/Dockerfile",
    line: 1,
  }),
  at(7, log("python:3.13-slim linux/arm64", "p4", "Collecting numpy==2.3.1\nDownloading numpy\n")),
  at(7.5, {
    type: "step.done",
    target: "tools:2 linux/amd64",
    step: "t3",
    cached: false,
    duration: 1300,
    error: 'process "/bin/sh -c make" did not complete successfully: exit code: 2',
  }),
  at(7.5, {
    type: "target.failed",
    target: "tools:2 linux/amd64",
    message: 'process "/bin/sh -c make" did not complete successfully: exit code: 2',
    canceled: false,
    duration: 1400,
    step: {
      name: "[build 3/5] RUN make",
      log: ["cc -o tool tool.c", "tool.c:1:1: error: unknown type"],
    },
    source: {
      file: "images/tools/Dockerfile",
      line: 4,
      endLine: 4,
      text: "FROM __hive__/base:24.04 as build\nWORKDIR /src\nCOPY . .\nRUN make\nFROM scratch\nCOPY --from=build /src/tool /\n",
    },
    hint: "The step's command failed inside of the build.",
  }),
  at(7.6, {
    type: "target.skipped",
    target: "tools-extra:2 linux/amd64",
    because: "tools:2 linux/amd64 failed",
  }),
  at(8, startStep("python:3.13-slim linux/amd64", "q0", "[internal] load build context")),
  at(8.1, {
    type: "step.progress",
    target: "python:3.13-slim linux/amd64",
    step: "q0",
    item: "transferring context",
    current: 12_300_000,
    total: 40_000_000,
    done: false,
  }),
];

/** How the script ends well for the rest. */
export const scriptEnd: readonly BuildEvent[] = [
  at(9, endStep("python:3.13-slim linux/amd64", "q0", 1000)),
  at(50, endStep("python:3.13-slim linux/arm64", "p4", 43_600)),
  at(51, done("python:3.13-slim linux/arm64", 61_000_000, false, 44_900)),
  at(52, done("python:3.13-slim linux/amd64", 60_000_000, false, 45_900)),
  at(53, { type: "target.start", target: "api:1.4.0 linux/arm64" }),
  at(60, {
    type: "target.failed",
    target: "api:1.4.0 linux/arm64",
    message: "context canceled",
    canceled: true,
    duration: 7000,
  }),
  at(60.5, { type: "run.end", ok: false, duration: 60_500 }),
];

function target(reference: string, platform: string, ...needs: string[]) {
  const ids = needs.map((need) => `${need} ${platform}`);
  return { id: `${reference} ${platform}`, reference, platform, needs: ids };
}

export function startStep(id: string, name: string, text: string): UntimedEvent {
  return { type: "step.start", target: id, step: name, name: text };
}

export function endStep(id: string, name: string, duration: number, cached = false): UntimedEvent {
  return { type: "step.done", target: id, step: name, cached, duration };
}

export function log(id: string, name: string, text: string): UntimedEvent {
  return { type: "step.log", target: id, step: name, stream: 1, text };
}

export function done(id: string, size: number, cached: boolean, duration: number): UntimedEvent {
  return { type: "target.done", target: id, digest: digestOf(id), size, cached, duration };
}

function step(
  id: string,
  name: string,
  text: string,
  from: number,
  to: number,
  cached = false,
): BuildEvent[] {
  const duration = Math.round((to - from) * 1000);
  return [at(from, startStep(id, name, text)), at(to, endStep(id, name, duration, cached))];
}
