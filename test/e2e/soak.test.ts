import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { statuses } from "./build-json.ts";

const rounds = 60;

test(`${rounds} builds in a row: none hangs, nothing is left behind`, async () => {
  await using daemon = await startBuildkitd();
  await using project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\n`,
    "images/app/Dockerfile": "FROM __hive__/base:1.0\nCOPY stamp /stamp\nRUN cat /stamp\n",
  });
  const options = { cwd: project.path, env: { BUILDKIT_HOST: daemon.address }, deadline: 60_000 };
  await project.write("images/app/stamp", "0");
  expect((await runHive(["build", "--json"], options)).exitCode).toBe(0);
  const before = await traces(daemon.pid, project.path);
  for (let round = 1; round <= rounds; round++) {
    await project.write("images/app/stamp", String(round));
    const result = await runHive(["build", "--json"], options);
    expect([round, statuses(result)]).toEqual([round, { "base:1.0": "cached", "app:1": "built" }]);
  }
  expect(await traces(daemon.pid, project.path)).toEqual(before);
}, 300_000);

/** What a leak would show in: the daemon's connections, temp files of ours, unfinished files of the store. */
async function traces(daemon: number, project: string): Promise<unknown> {
  const sockets = (await Bun.file(`/proc/${daemon}/net/unix`).text())
    .split("\n")
    .filter((line) => line.endsWith("buildkitd.sock"));
  const temporary = (await readdir(tmpdir())).filter(
    (name) => name.startsWith("hive-") && !name.startsWith("hive-test-"),
  );
  const store = await readdir(join(project, ".hive"));
  const scratch = store.includes("tmp") ? await readdir(join(project, ".hive/tmp")) : [];
  return { sockets: sockets.length, temporary, store: store.toSorted(), scratch };
}
