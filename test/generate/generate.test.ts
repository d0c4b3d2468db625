import { expect, test } from "bun:test";
import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { generate, type GenerateOptions } from "../../src/generate/generate.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { Target } from "../../src/plan/plan.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { fixture } from "../support/fixture.ts";
import { smallDisk } from "../support/small-disk.ts";
import { appProject, tempProject } from "../support/temp-project.ts";
import { thrownText } from "../support/thrown.ts";

async function targetsOf(root: string): Promise<readonly Target[]> {
  const { project } = await loadProject(root);
  return createPlan(project, { nativePlatform: parsePlatform("amd64") }).targets;
}

async function run(
  root: string,
  { targets, ...more }: Partial<GenerateOptions> & { targets?: readonly Target[] } = {},
): Promise<string[]> {
  const written = await generate(targets ?? (await targetsOf(root)), {
    output: join(root, "dist"),
    testOf: () => undefined,
    complete: true,
    ...more,
  });
  return written.map(({ directory, platforms, files }) =>
    [directory, platforms.join(" "), files].join(": "),
  );
}

// `path mode content-or-link`, in order; links are not followed.
async function list(root: string, path = ""): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(join(root, path))).toSorted()) {
    const child = path === "" ? name : `${path}/${name}`;
    const at = join(root, child);
    const found = await lstat(at);
    const mode = (found.mode & 0o7777).toString(8);
    if (found.isSymbolicLink()) lines.push(`${child} -> ${await readlink(at)}`);
    else if (found.isDirectory()) lines.push(`${child}/ ${mode}`, ...(await list(root, child)));
    else lines.push(`${child} ${mode} ${JSON.stringify(await readFile(at, "utf8"))}`);
  }
  return lines;
}

const app = appProject("tags: [{ name: '1' }]\n", "FROM scratch\n");

test("generate() writes one directory for each reference, and says which platforms it is for", async () => {
  await using temp = await tempProject({});
  const root = fixture("variants");
  expect(await run(temp.root, { targets: await targetsOf(root) })).toEqual([
    "python/3.13: linux/amd64 linux/arm64: 4",
    "python/3.12: linux/amd64: 4",
    "python/3.13-slim: linux/amd64 linux/arm64: 4",
    "python/3.12-slim: linux/amd64: 4",
    "python/3.13-cuda: linux/amd64: 4",
    "python/3.12-cuda: linux/amd64: 4",
  ]);
  const lines = await list(join(temp.root, "dist/python/3.12-slim"));
  expect(lines.map((line) => line.replace(/ \d{3}/, ""))).toEqual([
    'Dockerfile "FROM __hive__/python:3.13\\nCOPY . /\\n"',
    'requirements.txt "hello\\n"',
    "rootfs/",
    "rootfs/etc/",
    'rootfs/etc/common "common\\n"',
    'rootfs/etc/which "slim\\n"',
  ]);
});

test("generate() keeps modes, links and empty directories, and leaves out what is ignored, but for the Dockerfile", async () => {
  await using temp = await tempProject({
    ...app,
    "images/app/.dockerignore": "# comment\n/*.md\n!keep.md\nDockerfile\n",
    "images/app/a.md": "",
    "images/app/keep.md": "",
    "images/app/run": "#!",
    "images/app/rootfs/out": "-> /etc/passwd",
  });
  const at = (path: string): string => join(temp.root, "images/app", path);
  await mkdir(at("rootfs/empty"), { recursive: true });
  await chmod(at("run"), 0o4711);
  await chmod(at("rootfs/empty"), 0o1500);
  await chmod(at("rootfs"), 0o555);
  for (const path of [".dockerignore", "keep.md"]) await chmod(at(path), 0o600);
  const testOf = (): string => "tests: []\n";
  expect(await run(temp.root, { testOf })).toEqual(["app/1: linux/amd64: 6"]);
  const umasked = 0o666 & ~process.umask();
  const plain = umasked.toString(8);
  expect(await list(join(temp.root, "dist/app/1"))).toEqual([
    '.dockerignore 600 "# comment\\n/*.md\\n!keep.md\\nDockerfile\\n"',
    `Dockerfile ${plain} "FROM scratch\\n"`,
    'keep.md 600 ""',
    "rootfs/ 555",
    "rootfs/empty/ 1500",
    "rootfs/out -> /etc/passwd",
    'run 4711 "#!"',
    `test.yml ${plain} "tests: []\\n"`,
  ]);
  // Directories that can't be written to are no obstacle for the next run.
  expect(await run(temp.root)).toEqual(["app/1: linux/amd64: 5"]);
  await chmod(at("rootfs"), 0o755);
});

test("generate() takes the ignore file that is for the Dockerfile alone before the context's", async () => {
  await using temp = await tempProject({
    ...app,
    "images/app/.dockerignore": "kept\n",
    "images/app/Dockerfile.dockerignore": "Dockerfile*\n.dockerignore\nleft\n",
    "images/app/kept": "",
    "images/app/left": "",
  });
  await run(temp.root);
  const lines = await list(join(temp.root, "dist/app/1"));
  expect(lines.map((line) => line.split(" ")[0])).toEqual(["Dockerfile", "kept"]);
});

test("generate() writes a directory for each platform where their files differ", async () => {
  await using temp = await tempProject({ ...app, "hive.yml": "platforms: [amd64, arm64]\n" });
  const targets = await targetsOf(temp.root);
  expect(await run(temp.root)).toEqual(["app/1: linux/amd64 linux/arm64: 1"]);
  const differ = targets.map((target, index) => ({
    ...target,
    context: { ...target.context, rendered: { "README.md": `${index}\n` } },
  }));
  expect(await run(temp.root, { targets: differ })).toEqual([
    "app/1.linux-amd64: linux/amd64: 2",
    "app/1.linux-arm64: linux/arm64: 2",
  ]);
  expect(await readdir(join(temp.root, "dist/app"))).toEqual(["1.linux-amd64", "1.linux-arm64"]);
});

test("generate() removes what an older run left, only when it writes everything, and only what it made", async () => {
  await using temp = await tempProject(app);
  const targets = await targetsOf(temp.root);
  const other = targets.map((target) => ({
    ...target,
    name: "team/tool",
    reference: "team/tool:1",
  }));
  await run(temp.root, { targets: [...targets, ...other] });
  await run(temp.root, { complete: false });
  expect((await readdir(join(temp.root, "dist"))).toSorted()).toEqual([
    ".hive-generated.json",
    "app",
    "team",
  ]);
  await Bun.write(join(temp.root, "dist/team/mine"), "");
  await Bun.write(join(temp.root, "dist/app/1/stray"), "");
  await run(temp.root);
  expect(await readdir(join(temp.root, "dist/team"))).toEqual(["mine"]);
  expect(await readdir(join(temp.root, "dist/app/1"))).toEqual(["Dockerfile"]);
});

test("generate() refuses a directory that hive did not make", async () => {
  await using temp = await tempProject(app);
  const output = join(temp.root, "images");
  expect(await thrownText(() => run(temp.root, { output }), temp.root)).toBe(
    'usage: Cannot write to "ROOT/images": it has files that hive did not make\n\n' +
      "Choose a new or empty directory with --output.",
  );
  await run(temp.root, { targets: [] });
  await Bun.write(join(temp.root, "dist/app/1/mine"), "");
  expect(await thrownText(() => run(temp.root), temp.root)).toBe(
    'usage: Cannot write to "ROOT/dist/app/1": hive did not make it\n\n' +
      "Remove it, or choose another directory with --output.",
  );
  expect(await readdir(join(temp.root, "dist/app/1"))).toEqual(["mine"]);
});

test("generate() follows no link out of the output directory, to write or to remove", async () => {
  await using temp = await tempProject({ ...app, "outside/1/kept": "" });
  await run(temp.root);
  await rm(join(temp.root, "dist/app"), { recursive: true });
  await symlink("../outside", join(temp.root, "dist/app"));
  const refused =
    'usage: Cannot write to "ROOT/dist/app": it is a link\n\n' +
    "Remove it, or choose another directory with --output.";
  expect(await thrownText(() => run(temp.root), temp.root)).toBe(refused);
  expect(await thrownText(() => run(temp.root, { targets: [] }), temp.root)).toBe(refused);
  expect(await readdir(join(temp.root, "outside/1"))).toEqual(["kept"]);
});

test("generate() does not write where a link of that name leads, nor reads a marker that is a link", async () => {
  await using temp = await tempProject({ ...app, "other/.hive-generated.json": "{}" });
  await symlink("other", join(temp.root, "dist"));
  const refused = (name: string, reason: string): string =>
    `usage: Cannot write to "ROOT/${name}": ${reason}\n\n` +
    "Remove it, or choose another directory with --output.";
  expect(await thrownText(() => run(temp.root), temp.root)).toBe(refused("dist", "it is a link"));
  expect(await readdir(join(temp.root, "other"))).toEqual([".hive-generated.json"]);
  await rm(join(temp.root, "dist"));
  for (const name of [".hive-generated.json", ".hive-generated.lock"]) {
    await mkdir(join(temp.root, "dist"));
    await symlink("/dev/zero", join(temp.root, "dist", name));
    expect(await thrownText(() => run(temp.root), temp.root)).toBe(
      refused(`dist/${name}`, "it is no plain file"),
    );
    await rm(join(temp.root, "dist"), { recursive: true });
  }
});

test("generate() takes no paths out of the directory from its marker", async () => {
  await using temp = await tempProject({
    "hive.yml": "",
    "kept/file": "",
    "dist/.hive-generated.json": '{"version":1,"directories":["../kept","/etc","a/../../kept",5]}',
  });
  await run(temp.root, { targets: [] });
  expect(await readdir(join(temp.root, "kept"))).toEqual(["file"]);
});

test("generate() leaves the old directory and no traces when a context can't be read", async () => {
  await using temp = await tempProject(app);
  await run(temp.root);
  expect(Bun.spawnSync(["mkfifo", join(temp.root, "images/app/pipe")]).exitCode).toBe(0);
  expect(await thrownText(() => run(temp.root), temp.root)).toContain("it is a device or a pipe");
  expect(await readdir(join(temp.root, "dist"))).toEqual([".hive-generated.json", "app"]);
  expect(await readdir(join(temp.root, "dist/app/1"))).toEqual(["Dockerfile"]);
});

test("generate() names a pattern that can't be read", async () => {
  await using temp = await tempProject({ ...app, "images/app/.dockerignore": "[a\n" });
  expect(await thrownText(() => run(temp.root), temp.root)).toBe(
    'usage: Cannot write the files of app:1: Cannot read pattern "[a": unclosed class or escape',
  );
});

test("generate() refuses two images of which one would be inside the other", async () => {
  await using temp = await tempProject(app);
  const [target] = await targetsOf(temp.root);
  if (target === undefined) throw new Error("No target");
  const inside = { ...target, name: "app/1", reference: "app/1:1" };
  expect(await thrownText(() => run(temp.root, { targets: [target, inside] }), temp.root)).toBe(
    'usage: Cannot write app/1:1 and app:1: "app/1/1" is inside of "app/1"\n\n' +
      "Generate them one at a time, each with an --output of its own.",
  );
});

test("generate() says that the disk is full before anything is put in place", async () => {
  await using temp = await tempProject(app);
  await using disk = await smallDisk();
  const output = join(disk.path, "dist");
  await run(temp.root, { output });
  await Bun.write(join(temp.root, "images/app/new"), "");
  const filling = Bun.write(join(disk.path, "fill"), "x".repeat(4 * 1024 * 1024));
  await filling.catch(() => undefined);
  expect(await thrownText(() => run(temp.root, { output }), output)).toBe(
    'failed: Cannot write to "ROOT": no space left on the device\n\nFree some space.',
  );
  expect(await readdir(join(output, "app/1"))).not.toContain("new");
});
