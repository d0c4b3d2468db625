import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { waitUntil } from "../support/wait-until.ts";
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
  // The daemon closes its side a moment after ours.
  const idle = async () =>
    await waitUntil("the daemon has only its own socket", 10_000, async () =>
      (await connections(daemon.address)) === 1 ? true : undefined,
    );
  await idle();
  const before = await traces(project.path);
  for (let round = 1; round <= rounds; round++) {
    await project.write("images/app/stamp", String(round));
    const result = await runHive(["build", "--json"], options);
    expect([round, statuses(result)]).toEqual([
      round,
      { "base:1.0": "unchanged", "app:1": "built" },
    ]);
  }
  await idle();
  expect(await traces(project.path)).toEqual(before);
}, 300_000);

/** Sockets at an address: the one it listens on, and one for each connection. */
async function connections(address: string): Promise<number> {
  const table = await Bun.file("/proc/net/unix").text();
  const path = new URL(address).pathname;
  return table.split("\n").filter((line) => line.endsWith(` ${path}`)).length;
}

/** What a leak would show in: temp files of ours, unfinished files of the store. */
async function traces(project: string): Promise<unknown> {
  const temporary = (await readdir(tmpdir())).filter(
    (name) => name.startsWith("hive-") && !name.startsWith("hive-test-"),
  );
  const store = await readdir(join(project, ".hive"));
  const scratch = store.includes("tmp") ? await readdir(join(project, ".hive/tmp")) : [];
  return { temporary, store: store.toSorted(), scratch };
}
