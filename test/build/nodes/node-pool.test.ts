import { describe, expect, test } from "bun:test";
import type { BuildNode } from "../../../src/build/nodes/build-node.ts";
import {
  createNodePool,
  type NodePermit,
  type NodePool,
} from "../../../src/build/nodes/node-pool.ts";
import type { AskNode, ReturnLimits } from "../../../src/build/nodes/node-return.ts";
import { parsePlatform } from "../../../src/oci/platform.ts";
import { rejection } from "../../support/rejection.ts";
import { fakeNode } from "./fake-node.ts";
import { sampleTarget } from "../sample-target.ts";

const quick: ReturnLimits = { patience: 60_000, giveUp: 60_000, first: 1, longest: 1 };

type PoolSettings = {
  readonly jobs?: number;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<ReturnLimits>;
  readonly ask?: AskNode;
};

function poolOf(nodes: readonly BuildNode[], settings: PoolSettings = {}): NodePool {
  const { jobs = 8, signal = new AbortController().signal, limits, ask } = settings;
  return createNodePool({
    nodes,
    jobs,
    signal,
    limits: { ...quick, ...limits },
    ask: ask ?? (async () => await new Promise(() => {})),
  });
}

async function acquire(
  pool: NodePool,
  platform = "amd64",
  avoid: readonly BuildNode[] = [],
): Promise<NodePermit> {
  const target = sampleTarget("app", {
    platform: parsePlatform(platform),
    dockerfile: { file: "Dockerfile", text: "FROM scratch\nRUN make\n" },
  });
  return await pool.acquire(target, { parents: [], avoid: new Set(avoid) });
}

async function isOpen(waiting: Promise<unknown>): Promise<boolean> {
  const open = Symbol("open");
  return (await Promise.race([waiting, Bun.sleep(0).then(() => open)])) === open;
}

describe("createNodePool()", () => {
  test("gives the node with the least to do, as its max_parallel has it", async () => {
    const nodes = [fakeNode("small", { maxParallel: 1 }), fakeNode("big", { maxParallel: 3 })];
    using pool = poolOf(nodes);
    const given: string[] = [];
    for (let index = 0; index < 4; index++) given.push(addressOf(await acquire(pool)));
    expect(given).toEqual(["small", "big", "big", "big"]);
    expect(await isOpen(acquire(pool))).toBe(true);
  });

  test("lets those who wait in one after the other, and nobody wait for another's node", async () => {
    const nodes = [fakeNode("amd", { maxParallel: 1 }), fakeNode("arm", { runs: ["arm64"] })];
    using pool = poolOf(nodes);
    const permit = await acquire(pool);
    const first = acquire(pool);
    const second = acquire(pool);
    expect(addressOf(await acquire(pool, "arm64"))).toBe("arm");
    expect(await isOpen(first)).toBe(true);
    permit[Symbol.dispose]();
    permit[Symbol.dispose]();
    const next = await first;
    expect(await isOpen(second)).toBe(true);
    next[Symbol.dispose]();
    expect(addressOf(await second)).toBe("amd");
  });

  test("has no more than jobs at a time on all nodes together", async () => {
    using pool = poolOf([fakeNode("a"), fakeNode("b")], { jobs: 3 });
    const permits = [await acquire(pool), await acquire(pool), await acquire(pool)];
    expect(permits.map(addressOf)).toEqual(["a", "b", "a"]);
    const fourth = acquire(pool);
    expect(await isOpen(fourth)).toBe(true);
    permits[1]?.[Symbol.dispose]();
    expect(addressOf(await fourth)).toBe("b");
  });

  test("gives the node where a target was lost only when the others are full", async () => {
    const nodes = [fakeNode("a"), fakeNode("b", { maxParallel: 1 })];
    using pool = poolOf(nodes);
    const [bad] = nodes;
    const avoid = bad === undefined ? [] : [bad];
    expect(addressOf(await acquire(pool, "amd64", avoid))).toBe("b");
    expect(addressOf(await acquire(pool, "amd64", avoid))).toBe("a");
  });

  test("gives no node that is away, and gives it again when it is back", async () => {
    const nodes = [fakeNode("a"), fakeNode("b", { maxParallel: 2 })];
    const back = Promise.withResolvers<void>();
    let asked = 0;
    using pool = poolOf(nodes, {
      // It is asked once more when it does not answer.
      ask: async () => (asked++ === 0 ? await Promise.reject(new Error("no")) : await back.promise),
    });
    pool.lost(nodes[0] as BuildNode, "gone");
    pool.lost(nodes[0] as BuildNode, "gone again");
    expect([await acquire(pool), await acquire(pool)].map(addressOf)).toEqual(["b", "b"]);
    const third = acquire(pool);
    expect(await isOpen(third)).toBe(true);
    back.resolve();
    expect(addressOf(await third)).toBe("a");
    expect(asked).toBe(2);
  });

  test("emulates rather than waits for a node that is away", async () => {
    const nodes = [
      fakeNode("arm", { runs: ["arm64"] }),
      fakeNode("amd", { runs: ["amd64", "arm64"] }),
    ];
    using pool = poolOf(nodes);
    expect(addressOf(await acquire(pool, "arm64"))).toBe("arm");
    pool.lost(nodes[0] as BuildNode, "gone");
    expect(addressOf(await acquire(pool, "arm64"))).toBe("amd");
  });

  test("ends a wait when all that suit are away for too long, with the reason", async () => {
    const nodes = [fakeNode("amd"), fakeNode("arm", { runs: ["arm64"] })];
    using pool = poolOf(nodes, {
      limits: { patience: 20 },
      ask: async () => await Promise.reject(new Error("no")),
    });
    pool.lost(nodes[1] as BuildNode, "The connection was lost");
    const error = await rejection(acquire(pool, "arm64"));
    expect(error).toMatchObject({
      kind: "lost",
      message: "The connection was lost; arm did not come back within 0.02 s",
    });
    // Whoever comes later does not wait again.
    expect(await rejection(acquire(pool, "arm64"))).toMatchObject({ kind: "lost" });
    expect(addressOf(await acquire(pool))).toBe("amd");
  });

  test("waits longer for a node that still finishes what it has, but not for ever", async () => {
    const nodes = [fakeNode("a")];
    using pool = poolOf(nodes, {
      limits: { patience: 5, giveUp: 200 },
      ask: async () => await Promise.reject(new Error("no")),
    });
    const permit = await acquire(pool);
    pool.lost(nodes[0] as BuildNode, "gone");
    const first = rejection(acquire(pool));
    await Bun.sleep(20);
    expect(await isOpen(first)).toBe(true);
    permit[Symbol.dispose]();
    expect(await first).toMatchObject({ kind: "lost" });

    using busy = poolOf(nodes, {
      limits: { patience: 5, giveUp: 20 },
      ask: async () => await Promise.reject(new Error("no")),
    });
    using _held = await acquire(busy);
    busy.lost(nodes[0] as BuildNode, "gone");
    expect(await rejection(acquire(busy))).toMatchObject({ kind: "lost" });
  });

  test("notices that a daemon closes its connection", async () => {
    const nodes = [fakeNode("a", { closed: Promise.resolve(undefined) }), fakeNode("b")];
    using pool = poolOf(nodes);
    await Bun.sleep(0);
    expect([await acquire(pool), await acquire(pool)].map(addressOf)).toEqual(["b", "b"]);
  });

  test("ends all waits with the signal", async () => {
    const stop = new AbortController();
    const nodes = [fakeNode("a", { maxParallel: 1 }), fakeNode("arm", { runs: ["arm64"] })];
    using pool = poolOf(nodes, { signal: stop.signal });
    await acquire(pool);
    pool.lost(nodes[1] as BuildNode, "gone");
    const waits = [acquire(pool), acquire(pool, "arm64")].map(rejection);
    stop.abort(new Error("stop"));
    expect(await Promise.all(waits)).toMatchObject([{ kind: "canceled" }, { kind: "canceled" }]);
    expect(await rejection(acquire(pool))).toMatchObject({ kind: "canceled" });
  });

  test("says that nobody may build it", async () => {
    using pool = poolOf([fakeNode("a", { listed: ["amd64"] })]);
    expect(await rejection(acquire(pool, "arm64"))).toMatchObject({ kind: "lost" });
  });
});

function addressOf({ node }: NodePermit): string {
  return node.buildkit.address;
}
