import { expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import type { Probe, World } from "../../src/doctor/probe.ts";
import { type CheckResult, runProbes } from "../../src/doctor/run-probes.ts";
import { emptyWorld } from "./support/empty-world.ts";

async function results(probes: readonly Probe[], more?: Partial<World>): Promise<CheckResult[]> {
  const { signal } = new AbortController();
  return (await Promise.all(runProbes(probes, { ...emptyWorld, ...more }, signal))).flat();
}

function probe(name: string, run: () => Promise<never[]>, limit = 60_000): Probe {
  return { name, limit, needs: "nothing", run };
}

test("runProbes() keeps what hangs or throws from hiding the others", async () => {
  const fine: Probe = {
    name: "fine",
    limit: 60_000,
    needs: "nothing",
    run: async () => [
      { status: "ok", detail: "one" },
      { name: "two", status: "warn", detail: "more" },
    ],
  };
  const told = new HiveError("failed", "it is broken", { hint: "mend it" });
  expect(
    await results([
      probe("hangs", async () => await new Promise<never>(() => {}), 20),
      probe("tells", async () => await Promise.reject(told)),
      probe("throws", async () => await Promise.reject(new TypeError("a bug"))),
      fine,
    ]),
  ).toEqual([
    { name: "hangs", status: "fail", detail: "no answer within 0.02 s" },
    { name: "tells", status: "fail", detail: "it is broken", fix: "mend it" },
    { name: "throws", status: "fail", detail: "a bug" },
    { name: "fine", status: "ok", detail: "one" },
    { name: "two", status: "warn", detail: "more" },
  ]);
});

test("runProbes() skips what needs something that is not there", async () => {
  const never = async (): Promise<never[]> => await Promise.reject(new Error("not to be run"));
  const probes: readonly Probe[] = [
    { name: "of the project", limit: 1000, needs: "project", run: never },
    { name: "of the daemon", limit: 1000, needs: "buildkit", run: never },
  ];
  expect(await results(probes)).toEqual([
    { name: "of the project", status: "skipped", detail: "there is no project here" },
    { name: "of the daemon", status: "skipped", detail: "see buildkit" },
  ]);
  const project = Promise.resolve({
    kind: "broken",
    root: "/",
    error: new HiveError("failed", "it is broken"),
  } as const);
  expect(await results(probes.slice(0, 1), { project })).toEqual([
    { name: "of the project", status: "skipped", detail: "see project" },
  ]);
});

test("runProbes() ends with the caller's reason", async () => {
  const stop = new AbortController();
  const hangs = probe("hangs", async () => await new Promise<never>(() => {}));
  const running = Promise.all(runProbes([hangs], emptyWorld, stop.signal));
  stop.abort(new Error("enough"));
  expect(await running.catch((error: unknown) => error)).toEqual(new Error("enough"));
});
