import { expect, test } from "bun:test";
import { chmod, cp, mkdir, readdir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type HiveResult, runHive, startHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { buildWords, steadyEnvironment } from "./build-words.ts";

const child = "FROM __hive__/base:1.0\nARG WHO\nCOPY file /file\nRUN cat /file\n";

async function family(): Promise<ProjectDirectory> {
  const project = await projectDirectory({
    "images/child/image.yml": `tags: [{ name: "1" }]\n`,
    "images/child/Dockerfile": child,
    "images/child/file": `one ${crypto.randomUUID()}`,
    "images/child/link": { symlink: "file" },
    "images/child/.dockerignore": "*.md\n",
  });
  return project;
}

function run(project: ProjectDirectory, ...args: string[]): Promise<HiveResult> {
  return runHive(args, { cwd: project.path, env: steadyEnvironment });
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

type Change = (project: ProjectDirectory) => Promise<unknown>;

test.each<{ what: string; change: Change; explained: string }>([
  {
    what: "the Dockerfile",
    change: (p) => p.write("images/child/Dockerfile", `${child}RUN true\n`),
    explained: "+5 RUN true",
  },
  {
    what: "a file's content",
    change: (p) => p.write("images/child/file", `two ${crypto.randomUUID()}`),
    explained: "file file: content",
  },
  {
    what: "a mode",
    change: (p) => chmod(join(p.path, "images/child/file"), 0o755),
    explained: "file file: mode 0644 -> 0755",
  },
  {
    what: "a new file",
    change: (p) => p.write("images/child/other", "x"),
    explained: "file other: added",
  },
  {
    what: "an empty directory",
    change: (p) => mkdir(join(p.path, "images/child/empty")),
    explained: "file empty: added",
  },
  {
    what: "where a link leads",
    change: async (p) => {
      await rm(join(p.path, "images/child/link"));
      await p.write("images/child/link", { symlink: "elsewhere" });
    },
    explained: "file link: link file -> elsewhere",
  },
  {
    what: "a label",
    change: (p) => p.write("images/child/image.yml", `tags: [{ name: "1", labels: { a: b } }]\n`),
    explained: "label a: added (b)",
  },
  {
    what: "an argument",
    change: (p) =>
      p.write("images/child/image.yml", `tags: [{ name: "1", build_args: { WHO: me } }]\n`),
    explained: "argument WHO: added (me)",
  },
  {
    what: "a secret's id",
    change: (p) =>
      p.write(
        "images/child/image.yml",
        `tags: [{ name: "1" }]\nsecrets: { token: { source: plain, value: hush } }\n`,
      ),
    explained: "secret token: added (plain)",
  },
  {
    what: "a blob that is gone",
    change: (p) => rm(join(p.path, ".hive/blobs"), { recursive: true }),
    explained: "no longer in the store",
  },
])("$what makes it ask the daemon again, and is explained", async ({ change, explained }) => {
  await using project = await family();
  await buildWords(project.path);
  expect(await buildWords(project.path)).toMatchObject({ "child:1": "unchanged" });
  expect((await run(project, "plan", "--exit-code")).exitCode).toBe(0);
  await change(project);
  const told = await run(project, "explain", "child");
  expect(told.stdout).toContain(explained);
  expect(told.stdout).not.toContain("hush");
  expect((await run(project, "plan", "--exit-code")).exitCode).toBe(3);
  expect((await buildWords(project.path))["child:1"]).not.toBe("unchanged");
  expect((await run(project, "export", "child:1", "-o", "-")).exitCode).toBe(0);
});

test.each<{ what: string; change: Change }>([
  {
    what: "touched",
    change: (p) => utimes(join(p.path, "images/child/file"), 1000, 1000),
  },
  {
    what: "written again with the same bytes",
    change: async (p) => {
      const path = join(p.path, "images/child/file");
      await Bun.write(path, await Bun.file(path).text());
    },
  },
  {
    what: "ignored",
    change: (p) => p.write("images/child/notes.md", crypto.randomUUID()),
  },
])("a file that was only $what changes nothing", async ({ change }) => {
  await using project = await family();
  await buildWords(project.path);
  await change(project);
  expect(await buildWords(project.path)).toMatchObject({ "child:1": "unchanged" });
});

test("a secret's value changes nothing", async () => {
  await using project = await family();
  const secret = (value: string): Promise<void> =>
    project.write(
      "images/child/image.yml",
      `tags: [{ name: "1" }]\nsecrets: { token: { source: plain, value: ${value} } }\n`,
    );
  await secret("one");
  await buildWords(project.path);
  await secret("two");
  expect(await buildWords(project.path)).toMatchObject({ "child:1": "unchanged" });
});

test("a parent's change is explained at the child, down to the file", async () => {
  await using project = await family();
  await buildWords(project.path);
  await project.write("images/base/added", "x");
  const told = await run(project, "explain", "child");
  expect(told.stdout).toMatch(/parent base:1\.0: to be built first\n +file added: added/);
  const targets = JSON.parse(
    (await run(project, "explain", "child", "--json")).stdout,
  ) as unknown[];
  expect(targets).toMatchObject([
    { status: "changed", changes: [{ kind: "parent" }] },
    { status: "changed", changes: [{ kind: "file", path: "added", how: "added" }] },
  ]);
});

test("an image that was never built is explained as that", async () => {
  await using project = await family();
  expect((await run(project, "explain", "child")).stdout).toContain("never built");
  expect((await run(project, "explain", "child", "--exit-code")).exitCode).toBe(3);
});

test("a fresh checkout with a kept .hive/ finds its images", async () => {
  await using project = await family();
  await buildWords(project.path);
  await using elsewhere = await tempDirectory();
  const copy = join(elsewhere.path, "checkout");
  // Without times: every file is new.
  await cp(project.path, copy, { recursive: true, verbatimSymlinks: true });
  const unchanged = { "base:1.0": "unchanged", "child:1": "unchanged" };
  expect(await buildWords(copy)).toEqual(unchanged);
  // In the same place once more, with other times.
  await rm(join(copy, "images"), { recursive: true });
  await cp(join(project.path, "images"), join(copy, "images"), {
    recursive: true,
    verbatimSymlinks: true,
  });
  expect(await buildWords(copy)).toEqual(unchanged);
});

test("after a build that was killed the next one takes what was done, and builds the rest", async () => {
  await using project = await family();
  await project.write("images/slow/image.yml", `tags: [{ name: "1" }]\n`);
  await project.write(
    "images/slow/Dockerfile",
    `FROM __hive__/child:1\nRUN echo ${crypto.randomUUID()} && sleep 3\n`,
  );
  const killed = startHive(["build", "--progress=plain"], {
    cwd: project.path,
    env: steadyEnvironment,
  });
  await killed.prints(/^\[slow:1 .*RUN/m);
  killed.kill("SIGKILL");
  await killed.result;
  expect(await buildWords(project.path)).toMatchObject({
    "base:1.0": "unchanged",
    "child:1": "unchanged",
    "slow:1": "built",
  });
});

test("two builds at once leave records of both", async () => {
  await using project = await family();
  const built = await Promise.all([buildWords(project.path), buildWords(project.path, "child")]);
  expect(built).toHaveLength(2);
  expect(await buildWords(project.path)).toEqual({
    "base:1.0": "unchanged",
    "child:1": "unchanged",
  });
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
