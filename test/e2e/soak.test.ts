import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";
import { statuses } from "./build-json.ts";

const atATime = 8;
const rounds = 25;

test(`${atATime * rounds} builds, ${atATime} at a time: none hangs, nothing is left behind`, async () => {
  await using daemon = await startBuildkitd();
  await using stack = new AsyncDisposableStack();
  const temporary = stack.use(await tempDirectory()).path;
  const projects: ProjectDirectory[] = [];
  for (let made = 0; made < atATime; made++) {
    const files = {
      "images/app/image.yml": `tags: [{ name: "1" }]\n`,
      "images/app/Dockerfile": "FROM __hive__/base:1.0\nCOPY stamp /stamp\nRUN cat /stamp\n",
    };
    projects.push(stack.use(await projectDirectory(files)));
  }
  const build = async (project: ProjectDirectory, stamp: string) => {
    await project.write("images/app/stamp", stamp);
    // Half of them by each way.
    const env = {
      BUILDKIT_HOST: daemon.address,
      TMPDIR: temporary,
      HIVE_HANDOVER: projects.indexOf(project) % 2 === 0 ? "registry" : "session",
    };
    return await runHive(["build", "--json"], { cwd: project.path, env, deadline: 60_000 });
  };
  for (const project of projects) expect((await build(project, "")).exitCode).toBe(0);
  // The daemon closes its side a moment after ours.
  const idle = async () =>
    await waitUntil("the daemon has only its own socket", 10_000, async () =>
      (await connections(daemon.address)) === 1 ? true : undefined,
    );
  await idle();
  const before = await traces(projects, temporary);
  const inARow = async (project: ProjectDirectory) => {
    for (let round = 1; round <= rounds; round++) {
      const stamp = `${round} of ${project.path}`;
      expect([stamp, statuses(await build(project, stamp))]).toEqual([
        stamp,
        { "base:1.0": "unchanged", "app:1": "built" },
      ]);
    }
  };
  await Promise.all(projects.map(inARow));
  await idle();
  expect(await traces(projects, temporary)).toEqual(before);
}, 300_000);

/** Sockets at an address: the one it listens on, and one for each connection. */
async function connections(address: string): Promise<number> {
  const table = await Bun.file("/proc/net/unix").text();
  const path = new URL(address).pathname;
  return table.split("\n").filter((line) => line.endsWith(` ${path}`)).length;
}

/** What a leak would show in: temp files of ours, unfinished files of the stores. */
async function traces(projects: readonly ProjectDirectory[], temporary: string): Promise<unknown> {
  const stores = await Promise.all(
    projects.map(async ({ path }) => {
      const store = await readdir(join(path, ".hive"));
      const scratch = store.includes("tmp") ? await readdir(join(path, ".hive/tmp")) : [];
      return { store: store.toSorted(), scratch };
    }),
  );
  return { temporary: await readdir(temporary), stores };
}
