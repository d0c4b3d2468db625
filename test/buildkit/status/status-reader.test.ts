import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { type StatusResponse, StatusResponseSchema } from "../../../src/gen/buildkit/control_pb.ts";
import { createStatusReader } from "../../../src/buildkit/status/status-reader.ts";
import type { StepEvent } from "../../../src/buildkit/status/step-event.ts";

function message(init: MessageInitShape<typeof StatusResponseSchema>): StatusResponse {
  return create(StatusResponseSchema, init);
}

function at(milliseconds: number): { seconds: bigint; nanos: number } {
  return { seconds: 1000n, nanos: milliseconds * 1e6 };
}

/** The events of messages that arrive at once. */
function eventsOf(...messages: MessageInitShape<typeof StatusResponseSchema>[]): StepEvent[] {
  const events: StepEvent[] = [];
  using reader = createStatusReader((event) => events.push(event));
  for (const init of messages) reader.push(message(init));
  reader.finish();
  return events;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("createStatusReader() tells one start and one end of a step that runs twice, with both times", () => {
  const vertex = { digest: "d1", name: "[1/2] COPY . ." };
  const events = eventsOf(
    { vertexes: [vertex] },
    { vertexes: [{ ...vertex, started: at(0) }] },
    { vertexes: [{ ...vertex, started: at(0), completed: at(10) }] },
    { vertexes: [{ ...vertex, started: at(100) }] },
    { vertexes: [{ ...vertex, started: at(100), completed: at(130) }] },
  );
  expect(events).toEqual([
    { type: "started", step: "d1", name: vertex.name },
    { type: "done", step: "d1", name: vertex.name, cached: false, duration: 40 },
  ]);
});

test("createStatusReader() counts overlapping runs once", () => {
  const vertex = { digest: "d1", name: "x" };
  const events = eventsOf(
    { vertexes: [{ ...vertex, started: at(0), completed: at(50) }] },
    { vertexes: [{ ...vertex, started: at(20), completed: at(80) }] },
  );
  expect(events.at(-1)).toMatchObject({ type: "done", duration: 80 });
});

test("createStatusReader() tells a step again that starts long after it was done", async () => {
  const vertex = { digest: "d1", name: "x" };
  const events: StepEvent[] = [];
  const done = Promise.withResolvers<undefined>();
  const again = Promise.withResolvers<undefined>();
  using reader = createStatusReader((event) => {
    events.push(event);
    if (event.type === "done") done.resolve(undefined);
    if (event.type === "started" && events.length > 1) again.resolve(undefined);
  });
  reader.push(message({ vertexes: [{ ...vertex, started: at(0), completed: at(1) }] }));
  await done.promise;
  reader.push(message({ vertexes: [{ ...vertex, started: at(500) }] }));
  await again.promise;
  reader.push(message({ vertexes: [{ ...vertex, started: at(500), completed: at(900) }] }));
  reader.finish();
  expect(events.map((event) => event.type)).toEqual(["started", "done", "started", "done"]);
  expect(events.at(-1)).toMatchObject({ duration: 401 });
});

test("createStatusReader() tells a failure at once and tells it from a cancel", () => {
  const events: StepEvent[] = [];
  using reader = createStatusReader((event) => events.push(event));
  const times = { started: at(0), completed: at(5) };
  const canceled = 'process "sleep" did not complete: context canceled';
  reader.push(
    message({
      vertexes: [
        { digest: "d1", name: "a", ...times, error: canceled },
        { digest: "d2", name: "b", ...times, error: "exit code: 3" },
      ],
    }),
  );
  expect(events.filter((event) => event.type === "done")).toMatchObject([
    { step: "d1", error: canceled, canceled: true },
    { step: "d2", error: "exit code: 3", canceled: false },
  ]);
  expect(reader.firstError()).toEqual({ step: "d2", name: "b", message: "exit code: 3" });
});

test("createStatusReader() puts log lines together per stream and ends them with their step", () => {
  const vertex = { digest: "d1", name: "x", started: at(0) };
  const events = eventsOf(
    { vertexes: [vertex] },
    {
      logs: [
        { vertex: "d1", stream: 1n, msg: bytes("he") },
        { vertex: "d1", stream: 2n, msg: bytes("warn\n") },
        { vertex: "d1", stream: 1n, msg: bytes("llo\nrest") },
      ],
    },
    { vertexes: [{ ...vertex, completed: at(3) }] },
  );
  expect(events.slice(1)).toEqual([
    { type: "log", step: "d1", stream: 2, text: "warn" },
    { type: "log", step: "d1", stream: 1, text: "hello" },
    { type: "log", step: "d1", stream: 1, text: "rest" },
    { type: "done", step: "d1", name: "x", cached: false, duration: 3 },
  ]);
});

test("createStatusReader() tells a step's last lines before its failure, also in one message", () => {
  const events = eventsOf({
    vertexes: [
      { digest: "d1", name: "x", started: at(0), completed: at(1), error: "exit code: 1" },
    ],
    logs: [{ vertex: "d1", stream: 2n, msg: bytes("the reason") }],
  });
  expect(events.map((event) => event.type)).toEqual(["started", "log", "done"]);
});

test("createStatusReader() ends what a step builds on before the step starts", () => {
  const events: StepEvent[] = [];
  using reader = createStatusReader((event) => events.push(event));
  const times = { started: at(0), completed: at(1) };
  reader.push(message({ vertexes: [{ digest: "d1", name: "a", ...times }] }));
  reader.push(message({ vertexes: [{ digest: "d2", name: "b", inputs: ["d1"], started: at(2) }] }));
  expect(events.map(({ type, step }) => [type, step])).toEqual([
    ["started", "d1"],
    ["done", "d1"],
    ["started", "d2"],
  ]);
});

test("createStatusReader() reads progress, groups and warnings", () => {
  const events = eventsOf({
    vertexes: [
      {
        digest: "d1",
        name: "x",
        started: at(0),
        completed: at(0),
        cached: true,
        progressGroup: { id: "g", name: "group", weak: true },
      },
    ],
    statuses: [
      { vertex: "d1", ID: "transferring context:", current: 5n, total: 0n },
      { vertex: "d1", ID: "sha256:1", current: 7n, total: 7n, completed: at(1) },
    ],
    warnings: [
      {
        vertex: "d1",
        short: bytes("FromAsCasing: 'as' and 'FROM' keywords' casing do not match"),
        detail: [bytes("The 'as' keyword should match.")],
        url: "https://example.org/rule",
        info: { filename: "Dockerfile", data: bytes("from a AS b") },
        ranges: [{ start: { line: 1 }, end: { line: 1 } }],
      },
    ],
  });
  expect(events).toEqual([
    { type: "started", step: "d1", name: "x", group: { id: "g", name: "group", weak: true } },
    {
      type: "progress",
      step: "d1",
      item: "transferring context:",
      current: 5,
      total: 0,
      done: false,
    },
    { type: "progress", step: "d1", item: "sha256:1", current: 7, total: 7, done: true },
    {
      type: "warning",
      step: "d1",
      message: "FromAsCasing: 'as' and 'FROM' keywords' casing do not match",
      detail: ["The 'as' keyword should match."],
      url: "https://example.org/rule",
      file: "Dockerfile",
      line: 1,
    },
    { type: "done", step: "d1", name: "x", cached: true, duration: 0 },
  ]);
});

test("createStatusReader() keeps a step cached whose layers are fetched afterwards", () => {
  const vertex = { digest: "d1", name: "[2/2] RUN make", started: at(0) };
  const events = eventsOf(
    { vertexes: [{ ...vertex, cached: true, completed: at(0) }] },
    { vertexes: [{ ...vertex, started: at(5) }] },
    { vertexes: [{ ...vertex, started: at(5), completed: at(9) }] },
  );
  expect(events.at(-1)).toMatchObject({ type: "done", cached: true, duration: 4 });
});

test("firstError() is of a step that a build can fail of, not of its cache", () => {
  using reader = createStatusReader(() => {});
  const failed = (digest: string, name: string, error: string) =>
    message({ vertexes: [{ digest, name, error, started: at(0), completed: at(1) }] });
  reader.push(failed("c", "importing cache manifest from x", "refused"));
  reader.push(failed("e", "exporting cache to registry", "denied"));
  expect(reader.firstError()).toBeUndefined();
  reader.push(failed("r", "[1/1] RUN false", "exit code: 1"));
  expect(reader.firstError()?.message).toBe("exit code: 1");
});

test("createStatusReader() tells no more than it can remember of a daemon that makes up steps without end", () => {
  const events: StepEvent[] = [];
  using reader = createStatusReader((event) => events.push(event));
  reader.push(message({ vertexes: [{ digest: "real", name: "[1/1] RUN", started: at(0) }] }));
  const name = "x".repeat(1000);
  for (let index = 0; index < 20_000; index++) {
    const digest = `d${index}`;
    reader.push(
      message({
        vertexes: [{ digest, name, started: at(0) }],
        statuses: [{ vertex: "real", ID: `${index}${name}`, current: 1n }],
        warnings: [{ vertex: "real", short: bytes(`${index}${name}`) }],
        logs: [{ vertex: digest, msg: bytes(`${name}\n`) }],
      }),
    );
  }
  const kept = events.reduce((sum, event) => sum + JSON.stringify(event).length, 0);
  expect(kept).toBeLessThan(16 * 1024 * 1024);
  expect(new Set(events.map(({ step }) => step)).size).toBeGreaterThan(1000);
  // What was known goes on.
  reader.push(message({ logs: [{ vertex: "d7", msg: bytes("goes on\n") }] }));
  expect(events.at(-1)).toMatchObject({ type: "log", step: "d7", text: "goes on" });
  const over = { digest: "real", name: "[1/1] RUN", started: at(0), completed: at(5) };
  reader.push(message({ vertexes: [over] }));
  reader.finish();
  expect(events).toContainEqual(expect.objectContaining({ type: "done", step: "real" }));
});

test("createStatusReader() keeps output of few steps at once, and of others when those are over", () => {
  const steps = Array.from({ length: 500 }, (_, index) => ({
    digest: `d${index}`,
    name: "RUN",
    started: at(0),
  }));
  const logs = steps.map(({ digest }) => ({ vertex: digest, msg: bytes("a\n") }));
  const last = { vertex: "d499", msg: bytes("b\n") };
  const over = steps.map((step) => ({ ...step, completed: at(1) }));
  const events = eventsOf({ vertexes: steps, logs });
  const told = events.filter(({ type }) => type === "log").length;
  expect([told > 100, told < 500]).toEqual([true, true]);
  using reader = createStatusReader((event) => events.push(event));
  reader.push(message({ vertexes: steps, logs }));
  // Whoever builds on them shows that they are over for good.
  const inputs = steps.map(({ digest }) => digest);
  reader.push(message({ vertexes: over }));
  reader.push(message({ vertexes: [{ digest: "next", name: "RUN", started: at(2), inputs }] }));
  reader.push(message({ logs: [last] }));
  expect(events.at(-1)).toMatchObject({ type: "log", step: "d499", text: "b" });
});
