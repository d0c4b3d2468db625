import { expect, test } from "bun:test";
import { chmod, readdir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { buildWords } from "./build-words.ts";

const child = "FROM __hive__/base:1.0\nCOPY file /file\nRUN cat /file\n";

async function family(): Promise<ProjectDirectory> {
  const project = await projectDirectory({
    "images/child/image.yml": `tags: [{ name: "1" }]\n`,
    "images/child/Dockerfile": child,
    "images/child/file": `one ${crypto.randomUUID()}`,
  });
  // A file that was touched a moment ago is not trusted; these are older by the time of the first build.
  await Bun.sleep(50);
  return project;
}

test("what did not change is not sent to the daemon; what did is, with what builds on it", async () => {
  await using project = await family();
  expect(await buildWords(project.path)).toMatchObject({ "child:1": "built" });
  expect(await buildWords(project.path)).toEqual({
    "base:1.0": "unchanged",
    "child:1": "unchanged",
  });

  await project.write("images/child/file", `two ${crypto.randomUUID()}`);
  expect(await buildWords(project.path)).toEqual({ "base:1.0": "unchanged", "child:1": "built" });

  await project.write(
    "images/base/Dockerfile",
    `${await Bun.file(join(project.path, "images/base/Dockerfile")).text()}ENV A=${crypto.randomUUID()}\n`,
  );
  const words = await buildWords(project.path);
  expect([words["base:1.0"], words["child:1"]]).not.toContain("unchanged");
});

test("a file changed with size and time put back is still seen", async () => {
  await using project = await family();
  const path = join(project.path, "images/child/file");
  await project.write("images/child/file", "aaaa");
  const time = new Date(Date.now() - 60_000);
  await utimes(path, time, time);
  await Bun.sleep(50);
  await buildWords(project.path);
  expect(await buildWords(project.path)).toMatchObject({ "child:1": "unchanged" });
  await Bun.write(path, "bbbb");
  await utimes(path, time, time);
  expect((await buildWords(project.path))["child:1"]).not.toBe("unchanged");
});

test.each([
  {
    what: "the Dockerfile",
    change: (p: ProjectDirectory) => p.write("images/child/Dockerfile", `${child}RUN true\n`),
  },
  {
    what: "a mode",
    change: (p: ProjectDirectory) => chmod(join(p.path, "images/child/file"), 0o755),
  },
  {
    what: "a label",
    change: (p: ProjectDirectory) =>
      p.write("images/child/image.yml", `tags: [{ name: "1", labels: { a: b } }]\n`),
  },
  { what: "a new file", change: (p: ProjectDirectory) => p.write("images/child/other", "x") },
  {
    what: "a blob that is gone",
    change: (p: ProjectDirectory) => rm(join(p.path, ".hive/blobs"), { recursive: true }),
  },
])("$what makes it ask the daemon again", async ({ change }) => {
  await using project = await family();
  await buildWords(project.path);
  expect(await buildWords(project.path)).toMatchObject({ "child:1": "unchanged" });
  await change(project);
  expect((await buildWords(project.path))["child:1"]).not.toBe("unchanged");
  expect((await runHive(["export", "child:1", "-o", "-"], { cwd: project.path })).exitCode).toBe(0);
});

test("--no-skip asks the daemon about everything, --no-cache runs everything", async () => {
  await using project = await family();
  await buildWords(project.path);
  expect(await buildWords(project.path, "--no-skip")).toEqual({
    "base:1.0": "cached",
    "child:1": "cached",
  });
  expect(await buildWords(project.path, "--no-cache")).toEqual({
    "base:1.0": "built",
    "child:1": "built",
  });
});

test("a changed child gets its unchanged parent on a daemon that never saw it", async () => {
  await using project = await family();
  await buildWords(project.path);
  await using daemon = await startBuildkitd();
  await project.write("images/child/file", `three ${crypto.randomUUID()}`);
  expect(await buildWords(project.path, "--buildkit", daemon.address)).toEqual({
    "base:1.0": "unchanged",
    "child:1": "built",
  });
}, 60_000);

test("what a newer image replaced leaves the store", async () => {
  await using project = await family();
  await buildWords(project.path);
  const blobs = async (): Promise<number> =>
    (await readdir(join(project.path, ".hive/blobs/sha256"))).length;
  const before = await blobs();
  for (const round of ["four", "five", "six"]) {
    await project.write("images/child/file", `${round} ${crypto.randomUUID()}`);
    expect(await buildWords(project.path)).toMatchObject({ "child:1": "built" });
  }
  expect(await blobs()).toBe(before);
});
