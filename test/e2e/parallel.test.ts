import { expect, test } from "bun:test";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { statuses } from "./build-json.ts";

test("two targets that each sleep 5 s finish in under 8 s together", async () => {
  const sleeper = (name: string): Record<string, string> => ({
    [`images/${name}/image.yml`]: `tags: [{ name: "1" }]\n`,
    [`images/${name}/Dockerfile`]: `FROM __hive__/base:1.0\nRUN echo ${name} ${crypto.randomUUID()} && sleep 5\n`,
  });
  await using project = await projectDirectory({ ...sleeper("left"), ...sleeper("right") });
  const before = await runHive(["build", "base", "--json"], { cwd: project.path });
  expect(before.exitCode).toBe(0);
  const start = performance.now();
  const result = await runHive(["build", "--json"], { cwd: project.path });
  const seconds = (performance.now() - start) / 1000;
  expect(statuses(result)).toEqual({
    "base:1.0": "unchanged",
    "left:1": "built",
    "right:1": "built",
  });
  expect(seconds).toBeGreaterThan(5);
  expect(seconds).toBeLessThan(8);
}, 60_000);
