import { expect, test } from "bun:test";
import { startDockerd } from "../support/dockerd.ts";
import { withOwnRun } from "../support/own-run.ts";
import { restingCache } from "../support/resting-cache.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";

type Check = { readonly name: string; readonly status: string; readonly detail: string };

test.each([
  ["the containerd image store", true, "ok"],
  ["the old image store", false, "warn"],
] as const)(
  "hive doctor, dev du and dev prune work with an engine with %s",
  async (store, containerdStore, capabilities) => {
    await using engine = await startDockerd({ containerdStore });
    const run = async (...args: readonly string[]): Promise<HiveResult> =>
      await runHive([...args, "--json"], {
        cwd: "/",
        // Where nothing else is, an engine is found by itself, the old store's too.
        env: { DOCKER_HOST: engine.host, BUILDKIT_HOST: undefined, XDG_RUNTIME_DIR: undefined },
        ...withOwnRun(),
      });

    const { exitCode, stdout } = await run("doctor");
    const { checks } = JSON.parse(stdout) as { checks: readonly Check[] };
    const statuses = Object.fromEntries(checks.map(({ name, status }) => [name, status]));
    expect([exitCode, statuses]).toEqual([
      0,
      expect.objectContaining({
        buildkit: "ok",
        session: "ok",
        handover: "ok",
        clock: "ok",
        // Whether it cleans up by itself is the engine's own setting.
        "daemon disk": expect.stringMatching(/^(?:ok|warn)$/),
        capabilities,
      }),
    ]);
    expect(checks.find(({ name }) => name === "capabilities")?.detail).toContain(
      store.replace("the containerd", "containerd's"),
    );

    const before = await restingCache(() => run("dev", "du"));
    expect(before.reclaimable).toBeGreaterThan(0);
    const pruned = JSON.parse((await run("dev", "prune")).stdout) as { removed: unknown[] };
    expect(pruned.removed.length).toBeGreaterThan(0);
    expect(JSON.parse((await run("dev", "du")).stdout)).toMatchObject({ reclaimable: 0 });
  },
  90_000,
);
