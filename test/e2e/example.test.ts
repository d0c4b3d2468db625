import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFile, cp, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { requireEnv } from "../support/require-env.ts";
import { runHive } from "../support/run-hive.ts";
import { startRegistry } from "../support/start-registry.ts";
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

test("example/ goes to a registry as its README says", async () => {
  await using directory = await tempDirectory();
  const storage = join(directory.path, "storage");
  await using registry = await startRegistry([`--storage=${storage}`, "--sync=never"]);
  const env = { HIVE_REGISTRY_STORAGE: storage, HIVE_STORAGE: storage, HIVE_CI: "0" };
  const readme = await Bun.file("example/README.md").text();
  const commands = [...readme.matchAll(/^hive (.*?)(?: +#.*)?$/gm)].flatMap(([, command = ""]) => {
    const isOf = /^(?:push|registry (?!start|stop))/.test(command);
    return isOf ? [command] : [];
  });
  expect(commands.length).toBeGreaterThan(5);
  expect((await runHive(["build"], { cwd: example })).exitCode).toBe(0);
  const outputs: string[] = [];
  for (const command of commands) {
    const words = command.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', "")) ?? [];
    // No git repository here.
    const args = words.map((word) => word.replace("sha latest", "timestamp latest"));
    const result = await runHive(args, { cwd: dirname(example), env });
    expect([command, result.exitCode, result.stderr]).toEqual([command, 0, expect.any(String)]);
    outputs.push(result.stdout);
  }
  const [first = "", again = "", ...later] = outputs;
  expect(first).toContain(`${registry.address}/greeter`);
  expect(again).not.toMatch(/pushed$/m);
  expect(later.join("")).toMatch(/^greeter +\d+$/m);
}, 120_000);

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
