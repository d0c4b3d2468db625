import { describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { processesWith } from "../support/managed-home.ts";
import { giveTo, plainUser } from "../support/plain-user.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { waitUntil } from "../support/wait-until.ts";
import { statuses } from "./build-json.ts";

const start = ["dev", "buildkitd", "start", "--with=path"];
const status = ["dev", "buildkitd", "status", "--json"];
const stop = ["dev", "buildkitd", "stop"];

describe("hive dev buildkitd of a user who is not root", () => {
  test("runs without root, builds, and ends with everything below it", async () => {
    await using user = await plainUser();
    await using app = await projectDirectory({
      "images/app/image.yml": `tags: [{ name: "1" }]\n`,
      "images/app/Dockerfile": "FROM __hive__/base:1.0\nRUN id && touch /made\n",
    });
    await giveTo(user, app.path);
    const started = await user.hive(start);
    expect([started.exitCode, started.stderr]).toEqual([0, expect.stringContaining("rootless")]);
    expect(JSON.parse((await user.hive(status)).stdout)).toMatchObject({
      rootless: true,
      answers: true,
    });
    const cwd = app.path;
    expect(statuses(await user.hive(["build", "--json"], { cwd }))).toMatchObject({
      "app:1": "built",
    });
    expect((await user.hive(stop)).exitCode).toBe(0);
    expect(await processesWith(join(user.home, ".cache"))).toEqual([]);

    const again = await user.hive(["build", "--no-skip", "--json", "--buildkit=managed"], { cwd });
    expect(statuses(again)).toMatchObject({ "app:1": "cached" });
    expect(await processesWith(join(user.home, ".cache"))).toEqual([]);
  }, 120_000);

  test("a rootlesskit that was killed takes its daemon along, and the next start works", async () => {
    await using user = await plainUser();
    expect((await user.hive(start)).exitCode).toBe(0);
    const { pid } = JSON.parse((await user.hive(status)).stdout) as { pid: number };
    process.kill(pid, "SIGKILL");
    await waitUntil("all of it is gone", 10_000, async () =>
      (await processesWith(join(user.home, ".cache"))).length === 0 ? true : undefined,
    );
    expect((await user.hive(status)).exitCode).toBe(1);
    expect((await user.hive(start)).exitCode).toBe(0);
    expect((await user.hive(status)).exitCode).toBe(0);
  }, 120_000);

  test("without ids of their own is told what rootlesskit misses", async () => {
    await using user = await plainUser({ subordinate: false });
    const failed = await user.hive(start);
    expect(failed.exitCode).toBe(4);
    expect(failed.stderr).toMatch(/BuildKit did not start: .*subuid/);
    expect(failed.stderr).toContain("/etc/subuid");
  }, 60_000);

  test("a start that fails shows the daemon's reason, not that rootlesskit lost it", async () => {
    await using user = await plainUser();
    const cache = join(user.home, ".cache/hive/buildkit");
    await mkdir(cache, { recursive: true });
    await writeFile(join(cache, "root"), "");
    await giveTo(user, user.home);
    const failed = await user.hive(start);
    expect(failed.exitCode).toBe(4);
    expect(failed.stderr).toMatch(/BuildKit did not start: .*not a directory/);
  }, 60_000);
});
