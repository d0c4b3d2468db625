import { describe, expect, test } from "bun:test";
import { HiveError } from "../../../src/base/hive-error.ts";
import { mayBuild, nodesFor } from "../../../src/build/nodes/choose-nodes.ts";
import { createNodePool } from "../../../src/build/nodes/node-pool.ts";
import type { AskNode } from "../../../src/build/nodes/node-return.ts";
import { createOnNode } from "../../../src/build/nodes/on-nodes.ts";
import { schedule } from "../../../src/build/schedule.ts";
import { registryHandover } from "../../../src/build/handover/handover.ts";
import type { BuildNode } from "../../../src/build/nodes/build-node.ts";
import { BuildkitError, type BuildkitErrorKind } from "../../../src/buildkit/buildkit-error.ts";
import { formatPlatform, parsePlatform } from "../../../src/oci/platform.ts";
import type { Target, TargetId } from "../../../src/plan/plan.ts";
import type { UntimedEvent } from "../../../src/progress/event.ts";
import { createRandom, type Random } from "../../support/random.ts";
import { rejection } from "../../support/rejection.ts";
import { fakeNode } from "./fake-node.ts";
import { sampleDependency, sampleTarget } from "../sample-target.ts";

const limits = { patience: 60_000, giveUp: 60_000, first: 1, longest: 1 };
const answers: AskNode = async () => {};
const handover = registryHandover("127.0.0.1:1");

function broken(kind: BuildkitErrorKind, transient = false): BuildkitError {
  return new BuildkitError(kind, `It is ${kind}`, { transient });
}

/** Builds a target whose attempts end as told; the last one, if it is not told, works. */
async function attempts(
  ends: readonly Error[],
  nodes: readonly BuildNode[] = [fakeNode("a")],
): Promise<{ places: string[]; retries: UntimedEvent[]; error: unknown }> {
  const places: string[] = [];
  const retries: UntimedEvent[] = [];
  const { signal } = new AbortController();
  using pool = createNodePool({ nodes, jobs: 4, signal, limits, ask: answers });
  const onNode = createOnNode({
    pool,
    findHandover: async () => handover,
    emit: (event) => retries.push(event),
    signal,
  });
  const building = onNode(sampleTarget("app"), new Map(), async ({ buildkit, attempt }) => {
    places.push(buildkit.address);
    expect(attempt).toBe(places.length);
    const end = ends[attempt - 1];
    if (end !== undefined) throw end;
  });
  const error = await building.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { places, retries, error };
}

describe("createOnNode()", () => {
  test.each([
    ["lost", [broken("lost")]],
    ["not reached", [broken("unreachable")]],
    ["lost twice", [broken("lost"), broken("lost")]],
    ["stopped by something on the way", [broken("failed", true)]],
  ])("builds again what was %s", async (_, ends) => {
    const { places, retries, error } = await attempts(ends);
    expect(error).toBeUndefined();
    expect(places).toHaveLength(ends.length + 1);
    expect(retries).toMatchObject(
      ends.map(({ message }) => ({ type: "target.retry", node: "a", reason: message })),
    );
  });

  const failed = broken("failed");
  const third = broken("lost");
  const second = broken("failed", true);
  const full = new HiveError("failed", "no space");
  test.each([
    ["a step that failed", [failed], failed],
    ["what was canceled", [broken("canceled")], expect.objectContaining({ kind: "canceled" })],
    ["an error of our own", [full], full],
    ["what was lost three times", [broken("lost"), broken("lost"), third], third],
    ["what broke off twice", [broken("failed", true), second], second],
  ])("gives up on %s", async (_, ends, expected) => {
    const { places, error } = await attempts(ends);
    expect(error).toEqual(expected);
    expect(places).toHaveLength(ends.length);
  });

  test("builds again on another node", async () => {
    const { places } = await attempts(
      [broken("lost"), broken("lost")],
      [fakeNode("a"), fakeNode("b"), fakeNode("c")],
    );
    expect(places).toEqual(["a", "b", "c"]);
  });

  test("builds on another node what broke off on one that is still there", async () => {
    const { places } = await attempts([broken("failed", true)], [fakeNode("a"), fakeNode("b")]);
    expect(places).toEqual(["a", "b"]);
  });

  test("takes a hand-over that can't be found out for a node that went away", async () => {
    const { signal } = new AbortController();
    const nodes = [fakeNode("a"), fakeNode("b")];
    using pool = createNodePool({ nodes, jobs: 4, signal, limits, ask: answers });
    const onNode = createOnNode({
      pool,
      findHandover: async ({ address }) => {
        if (address === "a") throw new HiveError("unreachable", "no answer");
        return handover;
      },
      emit() {},
      signal,
    });
    const place = await onNode(
      sampleTarget("app"),
      new Map(),
      async ({ buildkit }) => buildkit.address,
    );
    expect(place).toBe("b");
  });

  test("retries nothing when the run ends", async () => {
    const stop = new AbortController();
    using pool = createNodePool({
      nodes: [fakeNode("a")],
      jobs: 1,
      signal: stop.signal,
      limits,
      ask: answers,
    });
    const onNode = createOnNode({
      pool,
      findHandover: async () => handover,
      emit: () => expect.unreachable(),
      signal: stop.signal,
    });
    const lost = broken("lost");
    const building = onNode(sampleTarget("app"), new Map(), async () => {
      stop.abort();
      throw lost;
    });
    expect(await rejection(building)).toBe(lost);
  });
});

/** Some nodes, of which one builds everything and never dies, so that every target can be built. */
function randomNodes(random: Random): BuildNode[] {
  const limit = (): { maxParallel?: number } =>
    random.once(2) ? { maxParallel: 1 + random.below(3) } : {};
  const others = Array.from({ length: random.below(4) }, (_, index) =>
    fakeNode(`node ${index}`, {
      runs: random.pick([["amd64"], ["arm64"], ["amd64", "arm64"]]),
      listed: random.pick([[], [], ["amd64"], ["arm64"]]),
      ...limit(),
    }),
  );
  return [...others, fakeNode("steady", { runs: ["amd64", "arm64"], ...limit() })];
}

function randomTargets(random: Random): Target[] {
  const targets: Target[] = [];
  for (let index = 0, count = 1 + random.below(20); index < count; index++) {
    const dependencies = targets
      .filter(() => random.once(4))
      .map((target) => sampleDependency(target));
    const text = random.pick(["FROM scratch\nRUN make\n", "FROM scratch\nCOPY a b\n"]);
    targets.push(
      sampleTarget(`t${index}`, {
        id: `t${index}` as TargetId,
        platform: parsePlatform(random.pick(["amd64", "arm64"])),
        dockerfile: { file: "Dockerfile", text },
        dependencies,
      }),
    );
  }
  return targets;
}

test.each(Array.from({ length: 150 }, (_, seed) => seed + 1))(
  "whatever dies, every target is built once, and no node has more than it may: seed %d",
  async (seed) => {
    const random = createRandom(seed);
    const nodes = randomNodes(random);
    const targets = randomTargets(random);
    const jobs = 1 + random.below(6);
    const { signal } = new AbortController();
    const dead = new Map<string, { readonly answersAfter: number; asked: number }>();
    const running = new Map<string, number>();
    const built: string[] = [];
    let deaths = 2;
    const ask: AskNode = async ({ buildkit: { address } }) => {
      const state = dead.get(address);
      if (state !== undefined && state.asked++ < state.answersAfter) throw new Error("no");
      dead.delete(address);
    };
    using pool = createNodePool({ nodes, jobs, signal, limits, ask });
    const onNode = createOnNode({ pool, findHandover: async () => handover, emit() {}, signal });
    const waiting = new Set<Target>();
    const loadOf = ({ buildkit: { address } }: BuildNode): number => running.get(address) ?? 0;
    const total = (): number => nodes.reduce((sum, node) => sum + loadOf(node), 0);
    const count = (address: string, change: number): void => {
      running.set(address, (running.get(address) ?? 0) + change);
    };

    /** As long as nobody died: whoever waits could not go on. */
    function checkWaiting(): void {
      if (deaths < 2 || total() >= jobs) return;
      for (const target of waiting) {
        const [best = []] = nodesFor(nodes, target);
        const free = best.filter((node) => loadOf(node) < (node.maxParallel ?? jobs));
        expect([target.id, free]).toEqual([target.id, []]);
      }
    }

    async function buildOn(address: string, id: string): Promise<void> {
      if (dead.has(address)) throw broken("unreachable");
      for (let ticks = random.below(5); ticks >= 0; ticks--) {
        await Bun.sleep(0);
        checkWaiting();
        if (dead.has(address)) throw broken("lost");
        if (address !== "steady" && deaths > 0 && random.once(6)) {
          deaths -= 1;
          const answersAfter = random.once(2) ? random.below(4) : Infinity;
          dead.set(address, { answersAfter, asked: 0 });
          throw broken("lost");
        }
      }
      built.push(id);
    }

    const outcomes = await schedule<string>(
      targets,
      async (target, needs) => {
        expect(needs.size).toBe(new Set(target.dependencies.map(({ target: id }) => id)).size);
        waiting.add(target);
        return await onNode(target, new Map(), async ({ buildkit: { address } }) => {
          const node = nodes.find(({ buildkit }) => buildkit.address === address);
          expect(node !== undefined && mayBuild(node, target.platform)).toBe(true);
          waiting.delete(target);
          count(address, 1);
          try {
            expect(running.get(address)).toBeLessThanOrEqual(node?.maxParallel ?? jobs);
            expect(total()).toBeLessThanOrEqual(jobs);
            await buildOn(address, target.id);
          } finally {
            count(address, -1);
          }
          return address;
        });
      },
      { jobs, onFailure: "stop", signal, laneOf: ({ platform }) => formatPlatform(platform) },
    );
    expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(targets.map(() => "done"));
    expect(built.toSorted()).toEqual(targets.map(({ id }) => String(id)).toSorted());
  },
);
