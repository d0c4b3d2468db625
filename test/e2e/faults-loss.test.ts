import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";
import { statuses } from "./build-json.ts";
import { errorOf, expectCalm, retriesOf, stages, startStage, timeToEnd } from "./fault-stages.ts";

// Rows of docs/faults.md. What is stated there is allowed twice, for machines with a lot to do.
const slack = 2;

describe.concurrent("a daemon that is killed during", () => {
  test.each(stages)(
    "%s, and stays away, ends the build within 12 s",
    async (stage) => {
      await using directory = await tempDirectory();
      const options = { directory: join(directory.path, "daemon") };
      const daemon = await startBuildkitd(options);
      await using build = await startStage(daemon, stage);
      await daemon.kill("SIGKILL");
      build.proxy.resume();
      const { result, took } = await timeToEnd(build.hive);
      expect(result.exitCode).toBe(4);
      expect(errorOf(result)).toContain("The connection to BuildKit was lost");
      expect(errorOf(result)).toContain(`${build.proxy.address} did not come back within 10 s`);
      expect(took).toBeLessThan(12_000 * slack);
      await using next = await startBuildkitd(options);
      await expectCalm(next, build.project);
    },
    120_000,
  );

  test.each(stages.filter((stage) => stage !== "a step"))(
    "%s, and comes back, costs the build a new start",
    async (stage) => {
      await using directory = await tempDirectory();
      const options = { directory: join(directory.path, "daemon") };
      const daemon = await startBuildkitd(options);
      await using build = await startStage(daemon, stage);
      await daemon.kill("SIGKILL");
      build.proxy.resume();
      await using next = await startBuildkitd(options);
      const result = await build.hive.result;
      expect([result.exitCode, statuses(result)]).toMatchObject([0, { "app:1": "built" }]);
      // What it left when it was killed may be in its way once more.
      expect(retriesOf(result)[0]).toContain("was lost");
      await expectCalm(next, build.project);
    },
    120_000,
  );
});

describe.concurrent("a connection that is cut during", () => {
  test.each(stages.filter((stage) => stage !== "a step"))(
    "%s costs the build a new start",
    async (stage) => {
      await using daemon = await startBuildkitd();
      await using build = await startStage(daemon, stage);
      build.proxy.cut();
      const result = await build.hive.result;
      expect([result.exitCode, statuses(result)]).toMatchObject([0, { "app:1": "built" }]);
      expect(retriesOf(result)).toEqual([
        expect.stringMatching(/^The connection to BuildKit was lost/),
      ]);
      await expectCalm(daemon, build.project);
    },
    120_000,
  );

  test("a step three times ends the build, and no step goes on", async () => {
    await using daemon = await startBuildkitd();
    await using build = await startStage(daemon, "a step");
    const runs = (): number => build.hive.stderr().split(/ runs\\n/).length - 1;
    for (const times of [1, 2, 3]) {
      await waitUntil(`it runs for the ${times}. time`, 60_000, () => runs() >= times || undefined);
      build.proxy.cut();
    }
    const result = await build.hive.result;
    expect([result.exitCode, retriesOf(result).length]).toEqual([4, 2]);
    await expectCalm(daemon, build.project);
  }, 120_000);
});
