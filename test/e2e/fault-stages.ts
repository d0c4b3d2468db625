import { expect } from "bun:test";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Buildkitd } from "../support/buildkitd.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type HiveResult, type RunningHive, runHive, startHive } from "../support/run-hive.ts";
import { waitUntil } from "../support/wait-until.ts";
import { statuses } from "./build-json.ts";

/** How far a build is when something happens to it. */
export const stages = [
  "the context",
  "a step",
  "the push",
  "the export over the session",
  "the export of a cache",
] as const;

export type Stage = (typeof stages)[number];

/** A build that was brought to a stage, and its ways to the daemon. */
export type StagedBuild = AsyncDisposable & {
  readonly hive: RunningHive;
  readonly proxy: FaultProxy;
  readonly project: ProjectDirectory;
};

type StageOptions = {
  /** After `hive build`. */
  readonly args?: readonly string[];
  /** How long the step runs. Default: until it is ended. */
  readonly seconds?: number;
};

/** Bytes that go one way or the other in all; the line is held after a third of them. */
const amount = 24_000_000;
/** Of what a push takes, of which most of the time is packing. */
const pushed = 64_000_000;

const dockerfileOf = (seconds: number): Record<Stage, string> => ({
  "the context": "COPY noise /noise\n",
  "a step": `RUN echo step $ID runs; sleep ${seconds}\n`,
  "the push": `RUN head -c ${pushed} /dev/urandom > /noise\n`,
  "the export over the session": `RUN head -c ${amount} /dev/urandom > /noise\n`,
  "the export of a cache": `RUN head -c ${amount} /dev/urandom > /noise\n`,
});

/**
 * Starts a build through a proxy, and returns when it is in the middle of the stage. While files go one way or the other the
 * line is held there: resume it, or cut it.
 */
export async function startStage(
  daemon: Pick<Buildkitd, "address">,
  stage: Stage,
  { args = [], seconds = 3_600 }: StageOptions = {},
): Promise<StagedBuild> {
  await using stack = new AsyncDisposableStack();
  const proxy = stack.use(await startFaultProxy(daemon.address));
  const project = stack.use(await stageProject(stage, seconds));
  const way = stage === "the export over the session" ? "session" : "registry";
  const hive = startHive(["build", "--json", "--progress=rawjson", `--handover=${way}`, ...args], {
    cwd: project.path,
    env: { BUILDKIT_HOST: proxy.address },
  });
  stack.defer(async () => {
    hive.kill("SIGKILL");
    await hive.result.catch(() => undefined);
  });
  await reached(stage, hive, proxy);
  const owned = stack.move();
  return { hive, proxy, project, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Never cached: each project is its own. */
async function stageProject(stage: Stage, seconds: number): Promise<ProjectDirectory> {
  const noise = stage === "the context" ? { "images/app/noise": randomBytes(amount) } : {};
  const settings =
    stage === "the export of a cache" ? "cache: { type: local, path: .cache }\n" : "";
  return await projectDirectory({
    "hive.yml": settings,
    "images/app/image.yml": `tags: [{ name: "1" }]\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0\nENV ID=${crypto.randomUUID()}\n${dockerfileOf(seconds)[stage]}`,
    ...noise,
  });
}

async function reached(stage: Stage, hive: RunningHive, proxy: FaultProxy): Promise<void> {
  switch (stage) {
    case "the context":
      return await proxy.holdAt("up", amount / 3);
    case "a step":
      return await hive.prints(/step [-0-9a-f]+ runs\\n/);
    case "the push":
      return await hive.prints(/"app:1 [^\n]*exporting layers/);
    case "the export over the session":
    case "the export of a cache":
      return await proxy.holdAt("down", amount / 3);
  }
}

/** What a fault must leave: nothing that goes on in the daemon, nothing of the run in the store, and a way to go on. */
export async function expectCalm(
  daemon: Pick<Buildkitd, "address" | "work">,
  project: ProjectDirectory,
): Promise<void> {
  await expectIdle(daemon);
  expect(await scratchOf(project)).toEqual([]);
  await project.write("images/app/image.yml", `tags: [{ name: "1" }]\n`);
  await project.write("images/app/Dockerfile", "FROM __hive__/base:1.0\nCOPY Dockerfile /\n");
  const next = await runHive(["build", "--json"], {
    cwd: project.path,
    env: { BUILDKIT_HOST: daemon.address },
  });
  expect([next.exitCode, statuses(next)]).toMatchObject([0, { "app:1": "built" }]);
  expect(await scratchOf(project)).toEqual([]);
}

/** Waits until nothing of any build goes on in a daemon. @param limit milliseconds */
export async function expectIdle(daemon: Pick<Buildkitd, "work">, limit = 15_000): Promise<void> {
  let work: readonly string[] = [];
  const look = async (): Promise<true | undefined> => {
    work = await daemon.work();
    return work.length === 0 || undefined;
  };
  await waitUntil("the daemon has nothing to do", limit, look).catch(() => {});
  expect(work).toEqual([]);
}

export async function scratchOf({ path }: ProjectDirectory): Promise<string[]> {
  return await readdir(join(path, ".hive/tmp")).catch(() => []);
}

/** Why targets were built again. */
export function retriesOf({ stderr }: HiveResult): (string | undefined)[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { type: string; reason?: string })
    .filter(({ type }) => type === "target.retry")
    .map(({ reason }) => reason);
}

/** What hive says at its end. */
export function errorOf({ stderr }: HiveResult): string {
  return stderr
    .split("\n")
    .filter((line) => !line.startsWith("{"))
    .join("\n");
}

/** Milliseconds that a run takes from now on to its end. */
export async function timeToEnd(hive: RunningHive): Promise<{ result: HiveResult; took: number }> {
  const since = performance.now();
  const result = await hive.result;
  return { result, took: performance.now() - since };
}
