import { describe, expect, test } from "bun:test";
import { type Outcome, schedule } from "../../src/build/schedule.ts";
import type { Target, TargetId } from "../../src/plan/plan.ts";
import { sampleDependency, sampleTarget } from "./sample-target.ts";

/** A plan from `{ child: [parents] }`, parents first; a target's id is its name. */
function targetsOf(graph: Record<string, string[]>): Target[] {
  const targets = new Map<string, Target>();
  for (const [name, needs] of Object.entries(graph)) {
    const dependencies = needs
      .flatMap((need) => targets.get(need) ?? [])
      .map((target) => sampleDependency(target));
    targets.set(name, sampleTarget(name, { id: name as TargetId, dependencies }));
  }
  return [...targets.values()];
}

const calm = { jobs: 8, onFailure: "stop" as const, signal: new AbortController().signal };

/** A run whose targets end only when the test says so. */
function controlled() {
  const started: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<string>>();
  let notify = Promise.withResolvers<void>();
  return {
    started,
    run: async (target: Target): Promise<string> => {
      const gate = Promise.withResolvers<string>();
      started.push(target.id);
      gates.set(target.id, gate);
      notify.resolve();
      notify = Promise.withResolvers<void>();
      return await gate.promise;
    },
    untilStarted: async (count: number): Promise<void> => {
      while (started.length < count) await notify.promise;
    },
    finish: (id: string): void => gates.get(id)?.resolve(`${id} built`),
    fail: (id: string): void => gates.get(id)?.reject(new Error(`${id} broke`)),
  };
}

function kinds(outcomes: ReadonlyMap<TargetId, Outcome<string>>): Record<string, string> {
  return Object.fromEntries(
    [...outcomes].map(([id, outcome]) => [
      id,
      outcome.kind === "skipped" ? outcome.because : outcome.kind,
    ]),
  );
}

describe("schedule()", () => {
  test("starts a target when all it needs is done, and hands it their results", async () => {
    const seen: Record<string, string[]> = {};
    const targets = targetsOf({
      base: [],
      left: ["base"],
      right: ["base"],
      top: ["left", "right"],
    });
    const outcomes = await schedule<string>(
      targets,
      async (target, needs) => {
        seen[target.id] = [...needs.values()];
        return `${target.id} built`;
      },
      calm,
    );
    expect(seen).toEqual({
      base: [],
      left: ["base built"],
      right: ["base built"],
      top: ["left built", "right built"],
    });
    expect(kinds(outcomes)).toEqual({ base: "done", left: "done", right: "done", top: "done" });
  });

  test("runs independent targets at the same time, up to jobs", async () => {
    const control = controlled();
    const done = schedule<string>(targetsOf({ a: [], b: [], c: [] }), control.run, {
      ...calm,
      jobs: 2,
    });
    await control.untilStarted(2);
    expect(control.started).toEqual(["a", "b"]);
    control.finish("b");
    await control.untilStarted(3);
    expect(control.started).toEqual(["a", "b", "c"]);
    control.finish("a");
    control.finish("c");
    expect(kinds(await done)).toEqual({ a: "done", b: "done", c: "done" });
  });

  test("has jobs for each lane, so that nobody waits behind those of another", async () => {
    const control = controlled();
    const done = schedule<string>(targetsOf({ a1: [], a2: [], b1: [] }), control.run, {
      ...calm,
      jobs: 1,
      laneOf: ({ id }) => id.slice(0, 1),
    });
    await control.untilStarted(2);
    expect(control.started).toEqual(["a1", "b1"]);
    control.finish("a1");
    await control.untilStarted(3);
    control.finish("a2");
    control.finish("b1");
    expect(kinds(await done)).toEqual({ a1: "done", a2: "done", b1: "done" });
  });

  test("stop starts nothing new after a failure, and lets what runs end with its own error", async () => {
    const control = controlled();
    const done = schedule<string>(targetsOf({ a: [], b: [], c: [], d: ["a"] }), control.run, {
      ...calm,
      jobs: 2,
    });
    await control.untilStarted(2);
    control.fail("a");
    control.fail("b");
    expect(kinds(await done)).toEqual({
      a: "failed",
      b: "failed",
      c: "stopped after a failed",
      d: "a failed",
    });
    expect(control.started).toEqual(["a", "b"]);
  });

  test("continue builds what does not need the failed target", async () => {
    const outcomes = await schedule<string>(
      targetsOf({ a: [], b: ["a"], c: ["b"], x: [], y: ["x"] }),
      async ({ id }) => {
        if (id === "a") throw new Error("a broke");
        return id;
      },
      { ...calm, jobs: 1, onFailure: "continue" },
    );
    expect(kinds(outcomes)).toEqual({
      a: "failed",
      b: "a failed",
      c: "a failed",
      x: "done",
      y: "done",
    });
  });

  test("an aborted signal starts nothing more", async () => {
    const control = controlled();
    const abort = new AbortController();
    const done = schedule<string>(targetsOf({ a: [], b: ["a"], c: [] }), control.run, {
      ...calm,
      jobs: 1,
      signal: abort.signal,
    });
    await control.untilStarted(1);
    abort.abort(new Error("Interrupted"));
    control.finish("a");
    expect(kinds(await done)).toEqual({ a: "done", b: "canceled", c: "canceled" });
  });
});
