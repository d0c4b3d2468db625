import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { startBuildkitd } from "../support/buildkitd.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { waitUntil } from "../support/wait-until.ts";
import { statuses } from "./build-json.ts";
import {
  errorOf,
  expectCalm,
  retriesOf,
  scratchOf,
  startStage,
  timeToEnd,
} from "./fault-stages.ts";

// Rows of docs/faults.md. What is stated there is allowed twice, for machines with a lot to do.
const slack = 2;

describe.concurrent("a daemon that is frozen", () => {
  test("while a step runs ends the build within 35 s", async () => {
    await using daemon = await startBuildkitd();
    await using build = await startStage(daemon, "a step");
    await daemon.freeze();
    const { result, took } = await timeToEnd(build.hive);
    expect(result.exitCode).toBe(4);
    expect(errorOf(result)).toContain("BuildKit stopped answering");
    expect(took).toBeLessThan(35_000 * slack);
    daemon.thaw();
    await expectCalm(daemon, build.project);
  }, 120_000);

  test("and goes on when hive asks whether it lives, goes on with the build", async () => {
    await using daemon = await startBuildkitd();
    await using build = await startStage(daemon, "a step", { seconds: 5 });
    await daemon.freeze();
    const { proxy } = build;
    const before = await waitUntil("what was under way has come", 20_000, async () => {
      const so = proxy.passed("up");
      await Bun.sleep(1_000);
      return proxy.passed("up") === so ? so : undefined;
    });
    await waitUntil("hive asks", 60_000, () => proxy.passed("up") > before || undefined);
    daemon.thaw();
    const result = await build.hive.result;
    expect([result.exitCode, statuses(result)]).toMatchObject([0, { "app:1": "built" }]);
    expect(retriesOf(result)).toEqual([]);
    await expectCalm(daemon, build.project);
  }, 120_000);

  test("when hive connects ends it within 10 s", async () => {
    await using daemon = await startBuildkitd();
    await using project = await projectDirectory();
    await daemon.freeze();
    const since = performance.now();
    const env = { BUILDKIT_HOST: daemon.address };
    const result = await runHive(["build"], { cwd: project.path, env });
    daemon.thaw();
    expect([result.exitCode, result.stderr]).toEqual([
      4,
      expect.stringContaining("no answer within 10 s"),
    ]);
    expect(performance.now() - since).toBeLessThan(10_000 * slack);
    await expectCalm(daemon, project);
  }, 60_000);
});

describe.concurrent("a connection on which nothing comes any more during", () => {
  test.each(["the context", "the export over the session"] as const)(
    "%s ends the build within 35 s",
    async (stage) => {
      await using daemon = await startBuildkitd();
      await using build = await startStage(daemon, stage);
      const { result, took } = await timeToEnd(build.hive);
      expect(result.exitCode).toBe(4);
      expect(errorOf(result)).toContain("BuildKit stopped answering");
      expect(took).toBeLessThan(35_000 * slack);
      expect(await scratchOf(build.project)).toEqual([]);
      build.proxy.cut();
      await expectCalm(daemon, build.project);
    },
    120_000,
  );
});

test.concurrent("a slow connection is no fault", async () => {
  await using daemon = await startBuildkitd();
  await using proxy = await startFaultProxy(daemon.address);
  await using project = await projectDirectory();
  const options = { cwd: project.path, env: { BUILDKIT_HOST: proxy.address } };
  expect((await runHive(["build"], options)).exitCode).toBe(0);
  await project.write("images/app/image.yml", `tags: [{ name: "1" }]\n`);
  await project.write("images/app/Dockerfile", "FROM __hive__/base:1.0\nCOPY noise /noise\n");
  await project.write("images/app/noise", randomBytes(800_000));
  proxy.throttle(32_000);
  const result = await runHive(["build", "--json", "--progress=rawjson"], options);
  expect([result.exitCode, statuses(result)]).toMatchObject([0, { "app:1": "built" }]);
  expect(retriesOf(result)).toEqual([]);
  await expectCalm(daemon, project);
}, 120_000);
