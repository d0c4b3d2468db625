import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { watchPeakMemory } from "../support/peak-memory.ts";
import { runHive, startHive } from "../support/run-hive.ts";
import { builtTargets } from "./build-json.ts";

const pairs = 50;
/** Bytes: more than any window on the way, and in pieces of many sizes. */
const layerSize = 1_500_000;

test(`${pairs} images go over the session to a daemon that has none of them: none hangs, memory stays`, async () => {
  const files: Record<string, string | Uint8Array> = {};
  for (let pair = 1; pair <= pairs; pair++) {
    const noise = new Uint8Array(layerSize + pair * 4099);
    // The most that it gives at a time.
    for (let at = 0; at < noise.length; at += 65_536) {
      crypto.getRandomValues(noise.subarray(at, at + 65_536));
    }
    files[`images/parent${pair}/image.yml`] = `tags: [{ name: "1" }]\n`;
    files[`images/parent${pair}/noise`] = noise;
    files[`images/parent${pair}/Dockerfile`] = "FROM scratch\nCOPY noise /noise\n";
    files[`images/child${pair}/image.yml`] = `tags: [{ name: "1" }]\n`;
    files[`images/child${pair}/Dockerfile`] =
      `FROM __hive__/parent${pair}:1\nCOPY --from=__hive__/parent${pair}:1 /noise /again\n`;
  }
  await using project = await projectDirectory(files);
  const build = async (pattern: string) => {
    await using daemon = await startBuildkitd({ isolated: true });
    const env = { BUILDKIT_HOST: daemon.address };
    const args = ["build", "--json", "--handover=session", pattern];
    const hive = startHive(args, { cwd: project.path, env });
    using memory = watchPeakMemory(hive.pid);
    const result = await hive.result;
    expect(result.exitCode).toBe(0);
    expect(memory.peak()).toBeGreaterThan(0);
    expect(memory.peak()).toBeLessThan(250 * 1024 * 1024);
    return builtTargets(result).filter(({ status }) => status !== "unchanged");
  };
  expect(await build("parent*")).toHaveLength(pairs);
  expect(await build("child*")).toHaveLength(pairs);
  expect(await readdir(join(project.path, ".hive/tmp")).catch(() => [])).toEqual([]);
}, 180_000);

test("builds that take the same parent from a fresh daemon do not depend on each other's end", async () => {
  const children = 8;
  const steps = ["COPY nothing /", "ENV A=1", "RUN false"];
  const files: Record<string, string> = {
    "images/parent/image.yml": `tags: [{ name: "1" }]\n`,
    "images/parent/Dockerfile":
      "FROM __hive__/base:1.0\nRUN head -c 40000000 /dev/urandom > /noise\n",
  };
  for (let child = 1; child <= children; child++) {
    const step = steps[child - 1] ?? `RUN sleep 0.${child} && echo ${crypto.randomUUID()}`;
    files[`images/child${child}/image.yml`] = `tags: [{ name: "1" }]\n`;
    files[`images/child${child}/Dockerfile`] = `FROM __hive__/parent:1\n${step}\n`;
  }
  await using project = await projectDirectory(files);
  expect((await runHive(["build", "parent"], { cwd: project.path })).exitCode).toBe(0);
  await using daemon = await startBuildkitd({ isolated: true });
  const args = ["build", "--json", "--on-failure=continue", "child*"];
  const result = await runHive(args, {
    cwd: project.path,
    env: { BUILDKIT_HOST: daemon.address },
  });
  const failed = builtTargets(result).filter(({ status }) => status === "failed");
  expect(failed.map(({ reference }) => reference)).toEqual(["child1:1", "child3:1"]);
}, 120_000);
