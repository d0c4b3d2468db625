import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type RunningHive, startHive } from "../support/run-hive.ts";
import { dripRegistry } from "../support/drip-registry.ts";
import {
  expectCalm,
  expectIdle,
  scratchOf,
  stages,
  startStage,
  timeToEnd,
} from "./fault-stages.ts";

// Rows of docs/faults.md. What is stated there is allowed twice, for machines with a lot to do.
const slack = 2;
const stated = 2_000;

const signals = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

let daemon: Buildkitd;

beforeAll(async () => {
  daemon = await startBuildkitd();
}, 60_000);

afterAll(() => daemon[Symbol.asyncDispose]());

/** Brings a build to where it is to be stopped. */
type Start = () => Promise<
  AsyncDisposable & { hive: RunningHive; project: ProjectDirectory; proxy?: FaultProxy }
>;

/** Stops two of them, each by another signal, and looks at what they leave. */
async function expectCanceled(start: Start): Promise<void> {
  await Promise.all(
    signals.map(async ([signal, exitCode]) => {
      await using build = await start();
      build.hive.kill(signal);
      const { result, took } = await timeToEnd(build.hive);
      expect(result.exitCode).toBe(exitCode);
      expect(took).toBeLessThan(stated * slack);
      expect(await scratchOf(build.project)).toEqual([]);
      // What was on the way to the daemon comes there.
      build.proxy?.resume();
      await expectIdle(daemon);
    }),
  );
}

/** A build of a project of its own, with these files, through a line of its own. */
async function startBuild(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  ready: (hive: RunningHive, proxy: FaultProxy) => Promise<void>,
): ReturnType<Start> {
  await using stack = new AsyncDisposableStack();
  const proxy = stack.use(await startFaultProxy(daemon.address));
  const project = stack.use(await projectDirectory(files));
  const hive = startHive(["build", "--progress=rawjson", ...args], {
    cwd: project.path,
    env: { BUILDKIT_HOST: proxy.address },
  });
  stack.defer(async () => {
    hive.kill("SIGKILL");
    await hive.result.catch(() => undefined);
  });
  await ready(hive, proxy);
  const owned = stack.move();
  return { hive, project, proxy, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const runs = /step [-0-9a-f]+ runs\\n/;
const step = (): string =>
  `FROM __hive__/base:1.0\nRUN echo step ${crypto.randomUUID()} runs; sleep 3600\n`;

test.each(stages)(
  "%s is canceled within 2 s, and nothing of it goes on",
  async (stage) => {
    await expectCanceled(async () => {
      const build = await startStage(daemon, stage);
      // Something is always on its way.
      build.proxy.throttle(200_000);
      build.proxy.resume();
      return build;
    });
  },
  120_000,
);

test.each([
  ["connecting", 1],
  ["the question which way images go", 2],
])(
  "%s is canceled within 2 s, also when nothing comes back",
  async (_, connection) => {
    await expectCanceled(() =>
      startBuild({}, [], (_hive, proxy) => proxy.holdAtConnection(connection)),
    );
  },
  60_000,
);

test("what waits for another target, or for room, is canceled within 2 s", async () => {
  await expectCanceled(() =>
    startBuild(
      {
        "images/one/image.yml": `tags: [{ name: "1" }]\n`,
        "images/one/Dockerfile": step(),
        "images/two/image.yml": `tags: [{ name: "1" }]\n`,
        "images/two/Dockerfile": step(),
        "images/three/image.yml": `tags: [{ name: "1" }]\n`,
        "images/three/Dockerfile": "FROM __hive__/two:1\n",
      },
      ["--jobs=1"],
      (hive) => hive.prints(runs),
    ),
  );
}, 60_000);

test.each(["manifests", "blobs"] as const)(
  "a base whose registry hardly gives any %s is canceled within 2 s",
  async (what) => {
    await expectCanceled(async () => {
      const registry = await dripRegistry(what);
      const build = await startBuild(
        {
          "images/app/image.yml": `tags: [{ name: "1" }]\n`,
          "images/app/Dockerfile": `FROM ${registry.address}/slow:1\n`,
        },
        ["app"],
        () => registry.isAsked(),
      );
      return {
        ...build,
        async [Symbol.asyncDispose]() {
          await build[Symbol.asyncDispose]();
          await registry[Symbol.asyncDispose]();
        },
      };
    });
  },
  60_000,
);

test("the next build works on a daemon on which all of these were canceled", async () => {
  await using project = await projectDirectory();
  await expectCalm(daemon, project);
}, 60_000);
