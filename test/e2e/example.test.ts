import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFile, cp, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { requireEnv } from "../support/require-env.ts";
import { runHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { builtTargets } from "./build-json.ts";

const stack = new AsyncDisposableStack();
let example = "";

beforeAll(async () => {
  const { path } = stack.use(await tempDirectory());
  example = join(path, "example");
  await cp("example", example, { recursive: true });
  await rm(join(example, ".hive"), { recursive: true, force: true });
  const busybox = join(example, "images/base/rootfs/bin/busybox");
  await mkdir(dirname(busybox), { recursive: true });
  await copyFile(requireEnv("HIVE_TEST_BUSYBOX"), busybox);
});

afterAll(() => stack.disposeAsync());

test.each(["unix", "tcp"] as const)(
  "example/ builds whole over %s, and a second time is all unchanged",
  async (listen) => {
    // What an earlier round built would be taken from there.
    await rm(join(example, ".hive"), { recursive: true, force: true });
    await using daemon = await startBuildkitd({ listen });
    const options = { cwd: example, env: { BUILDKIT_HOST: daemon.address } };
    const first = await runHive(["build", "--json"], options);
    const targets = builtTargets(first);
    expect(first.exitCode).toBe(0);
    expect(targets.length).toBeGreaterThanOrEqual(12);
    expect(
      new Set(targets.map(({ reference }) => reference.split(":")[0])).size,
    ).toBeGreaterThanOrEqual(5);
    expect(targets.filter(({ status }) => status !== "built")).toEqual([]);

    const second = builtTargets(await runHive(["build", "--json"], options));
    expect(second.filter(({ status }) => status !== "unchanged")).toEqual([]);
    expect(second.map(({ digest }) => digest)).toEqual(targets.map(({ digest }) => digest));
  },
  120_000,
);

test("the summary table on stdout has a line for every image", async () => {
  const result = await runHive(["build", "--progress=plain"], { cwd: example });
  expect(result.exitCode).toBe(0);
  const planned = JSON.parse((await runHive(["plan", "--json"], { cwd: example })).stdout) as {
    targets: { reference: string }[];
  };
  for (const { reference } of planned.targets) expect(result.stdout).toContain(reference);
}, 120_000);

test("--progress=rawjson is one JSON object a line, from start to end", async () => {
  const result = await runHive(["build", "--progress=rawjson"], { cwd: example });
  const events = result.stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { v: number; type: string });
  expect(events.every(({ v }) => v === 1)).toBe(true);
  expect([events[0]?.type, events.at(-1)?.type]).toEqual(["run.start", "run.end"]);
}, 120_000);

test("--progress=quiet prints digests on stdout and nothing else anywhere", async () => {
  const result = await runHive(["build", "--progress=quiet"], { cwd: example });
  expect(result.stderr).toBe("");
  expect(result.stdout).toMatch(/^(?:\S+ sha256:[0-9a-f]{64}\n)+$/);
}, 120_000);
