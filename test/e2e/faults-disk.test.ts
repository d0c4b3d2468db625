import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { smallDisk } from "../support/small-disk.ts";
import { expectCalm } from "./fault-stages.ts";

/** In MiB: a daemon with the base image takes a tenth of it. */
const room = 40;

describe.concurrent("a daemon whose disk gets full", () => {
  test.each([
    ["while it gets files", "COPY noise /noise\n"],
    ["while a step runs", "RUN dd if=/dev/urandom of=/noise bs=1M count=60\n"],
    ["while it packs a layer", "RUN head -c 25000000 /dev/urandom > /noise\n"],
  ])(
    "%s has the build fail with what is wrong, and the next one works when there is room",
    async (_, line) => {
      await using disk = await smallDisk(room);
      await using daemon = await startBuildkitd({ directory: join(disk.path, "daemon") });
      await using project = await projectDirectory({
        "images/app/image.yml": `tags: [{ name: "1" }]\n`,
        "images/app/Dockerfile": `FROM __hive__/base:1.0\n${line}`,
        ...(line.startsWith("COPY") ? { "images/app/noise": randomBytes(60_000_000) } : {}),
      });
      const options = { cwd: project.path, env: { BUILDKIT_HOST: daemon.address } };
      const result = await runHive(["build", "--progress=plain"], options);
      expect(result.exitCode).toBe(1);
      expect(result.stderr).toMatch(/no space left on device/i);
      expect(result.stderr).toContain("hive dev prune");
      await disk.resize(10 * room);
      await expectCalm(daemon, project);
    },
    60_000,
  );
});
