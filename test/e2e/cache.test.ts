import { expect, test } from "bun:test";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { startRegistry } from "../support/start-registry.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { statuses } from "./build-json.ts";

function family(cache: string): Promise<ProjectDirectory> {
  return projectDirectory({
    "hive.yml": `cache: ${cache}\n`,
    "images/app/image.yml": `tags: [{ name: "1.0" }, { name: "1.1" }]\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0\nRUN echo ${crypto.randomUUID()} > /file\n`,
  });
}

/** Builds on a daemon that knows nothing, in a project without a store. */
async function buildAfresh(project: ProjectDirectory, ...args: string[]): Promise<HiveResult> {
  await rm(join(project.path, ".hive"), { recursive: true, force: true });
  await using daemon = await startBuildkitd();
  const flags = ["--json", "--progress=plain", "--buildkit", daemon.address, ...args];
  return await runHive(["build", ...flags], { cwd: project.path });
}

const all = (status: string): Record<string, string> => ({
  "base:1.0": status,
  "app:1.0": status,
  "app:1.1": status,
});

test("cache: a registry of hive's own keeps it from one daemon to the next", async () => {
  await using storage = await tempDirectory();
  await using registry = await startRegistry(["--storage", storage.path]);
  await using project = await family(`{ type: registry, ref: "${registry.address}/cache" }`);
  const first = await buildAfresh(project);
  expect(first.stderr).not.toContain("warning");
  expect(statuses(first)["base:1.0"]).toBe("built");
  const second = await buildAfresh(project);
  expect(statuses(second)).toEqual(all("cached"));
  expect(second.stdout).toContain('"imported":');
}, 120_000);

test("cache: what only another tag wrote is used by its sibling on another daemon", async () => {
  await using project = await family("{ type: local, path: .cache }");
  const first = await buildAfresh(project, "app:1.0");
  expect(statuses(first)).toEqual({ "base:1.0": "built", "app:1.0": "built" });
  const second = await buildAfresh(project, "app:1.1");
  expect(statuses(second)).toEqual({ "base:1.0": "cached", "app:1.1": "cached" });
}, 120_000);

test("cache: a directory, by its path in the project; --no-cache-export writes nothing", async () => {
  await using project = await family("{ type: local, path: .cache }");
  await buildAfresh(project, "--no-cache-export");
  expect(await readdir(project.path)).not.toContain(".cache");
  await buildAfresh(project);
  expect((await readdir(join(project.path, ".cache"))).toSorted()).toHaveLength(3);
  const second = await buildAfresh(project);
  expect(statuses(second)).toEqual(all("cached"));
  await using daemon = await startBuildkitd();
  const args = ["build", "--no-skip", "--progress=plain", "--buildkit", daemon.address];
  const { stdout } = await runHive(args, { cwd: project.path });
  expect(stdout).toMatch(/cache: \S+ \S+ imported/);
}, 120_000);

test("cache: one that is not there costs one warning for all images", async () => {
  await using project = await family(`{ type: registry, ref: "127.0.0.1:1/cache" }`);
  const { exitCode, stderr } = await buildAfresh(project, "--jobs=1");
  expect(exitCode).toBe(0);
  expect(stderr.match(/^warning: .*$/gm)).toEqual([
    expect.stringMatching(
      /Cannot read the build cache \(127\.0\.0\.1:1\/cache\).*connection refused/,
    ),
    ...(stderr.match(/^warning: Cannot write .*$/gm) ?? []),
  ]);
}, 60_000);
