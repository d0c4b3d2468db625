import { expect, test } from "bun:test";
import { chmod, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { FileEntry, FileTree } from "../../src/buildkit/file-tree.ts";
import { contextKey } from "../../src/context/context-key.ts";
import { walkTree } from "../../src/buildkit/filesync/walk-tree.ts";
import { targetContext } from "../../src/context/target-context.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { ContextSources } from "../../src/plan/plan.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { fixture } from "../support/fixture.ts";
import { appProject, tempProject } from "../support/temp-project.ts";
import { thrownText } from "../support/thrown.ts";

async function sourcesOf(root: string): Promise<Record<string, ContextSources>> {
  const { project } = await loadProject(root);
  const { targets } = createPlan(project, { nativePlatform: parsePlatform("amd64") });
  return Object.fromEntries(targets.map(({ reference, context }) => [reference, context]));
}

async function contextOf(root: string, reference = "app:1"): Promise<FileTree> {
  const sources = (await sourcesOf(root))[reference];
  if (sources === undefined) throw new Error(`No target ${reference}`);
  return targetContext(sources);
}

// `path type mode content-or-link`, every directory walked.
async function walk(tree: FileTree, path = ""): Promise<string[]> {
  const lines: string[] = [];
  const entries = [...(await tree.list(path))].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const child = path === "" ? entry.name : `${path}/${entry.name}`;
    // What is listed is what is found.
    expect(await tree.find(child)).toEqual(entry);
    lines.push(`${child} ${entry.mode.toString(8)} ${await describe(entry)}`);
    if (entry.type === "directory") lines.push(...(await walk(tree, child)));
  }
  return lines;
}

// Without modes: those of fixtures are the checkout's.
async function linesOf(root: string, reference: string): Promise<string[]> {
  const lines = await walk(await contextOf(root, reference));
  return lines.map((line) => line.replace(/ \d+ /, " "));
}

async function describe({ type, linkname, content, size }: FileEntry): Promise<string> {
  if (type === "symlink") return `-> ${linkname}`;
  if (content === undefined || !("path" in content)) return type;
  const bytes = await Bun.file(content.path).bytes();
  expect(bytes).toHaveLength(size);
  return JSON.stringify(new TextDecoder().decode(bytes));
}

const app = appProject("tags: [{ name: '1' }]\n", "FROM scratch\n");

test("targetContext() lays a variant's rootfs over the image's, with the variant's Dockerfile", async () => {
  expect(await linesOf(fixture("variants"), "python:3.13")).toEqual([
    'Dockerfile "FROM scratch\\nCOPY . /\\n"',
    'requirements.txt "hello\\n"',
    "rootfs directory",
    "rootfs/etc directory",
    'rootfs/etc/common "common\\n"',
    'rootfs/etc/which "image\\n"',
  ]);
  expect(await linesOf(fixture("variants"), "python:3.13-slim")).toEqual([
    'Dockerfile "FROM __hive__/python:3.13\\nCOPY . /\\n"',
    'requirements.txt "hello\\n"',
    "rootfs directory",
    "rootfs/etc directory",
    'rootfs/etc/common "common\\n"',
    'rootfs/etc/which "slim\\n"',
  ]);
});

test("targetContext() keeps modes, links, empty directories, dot files and names of any kind", async () => {
  await using temp = await tempProject({
    ...app,
    "images/app/run.sh": "#!",
    "images/app/.dockerignore": "*.md\n",
    "images/app/README.md": "kept: the daemon's patterns decide\n",
    "images/app/ä 𝒳\n.txt": "x",
    "images/app/link": "-> /etc/passwd",
    "images/app/rootfs/dangling": "-> nowhere",
    "images/app/rootfs/usr/up": "-> ../../..",
  });
  const at = (path: string): string => join(temp.root, "images/app", path);
  await mkdir(at("rootfs/var/empty"), { recursive: true });
  await chmod(at("run.sh"), 0o4755);
  await chmod(at("rootfs/var/empty"), 0o1777);
  await chmod(at("rootfs/usr"), 0o700);
  await chmod(at("rootfs"), 0o755);
  for (const path of ["Dockerfile", ".dockerignore", "README.md", "ä 𝒳\n.txt"])
    await chmod(at(path), 0o640);
  await chmod(at("rootfs/var"), 0o755);
  expect(await walk(await contextOf(temp.root))).toEqual([
    '.dockerignore 640 "*.md\\n"',
    'Dockerfile 640 "FROM scratch\\n"',
    'README.md 640 "kept: the daemon\'s patterns decide\\n"',
    "link 777 -> /etc/passwd",
    "rootfs 755 directory",
    "rootfs/dangling 777 -> nowhere",
    "rootfs/usr 700 directory",
    "rootfs/usr/up 777 -> ../../..",
    "rootfs/var 755 directory",
    "rootfs/var/empty 1777 directory",
    'run.sh 4755 "#!"',
    'ä 𝒳\n.txt 640 "x"',
  ]);
});

test("targetContext() lets the variant's rootfs win where a directory meets a file or a link", async () => {
  await using temp = await tempProject({
    "hive.yml": "",
    "images/app/image.yml": "tags: [{ name: '1' }]\nvariants: [{ name: v, tag_suffix: -v }]\n",
    "images/app/Dockerfile": "FROM scratch\n",
    "images/app/rootfs/a/below": "hidden by a file",
    "images/app/rootfs/b": "hidden by a directory",
    "images/app/rootfs/c/below": "hidden by a link",
    "images/app/rootfs/d/e/image": "stays",
    "images/app/v/Dockerfile": "FROM scratch\n",
    "images/app/v/rootfs/a": "file",
    "images/app/v/rootfs/b/inside": "in a directory",
    "images/app/v/rootfs/c": "-> d",
    "images/app/v/rootfs/d/e/variant": "joins",
  });
  expect(await linesOf(temp.root, "app:1")).toEqual([
    'Dockerfile "FROM scratch\\n"',
    "rootfs directory",
    "rootfs/a directory",
    'rootfs/a/below "hidden by a file"',
    'rootfs/b "hidden by a directory"',
    "rootfs/c directory",
    'rootfs/c/below "hidden by a link"',
    "rootfs/d directory",
    "rootfs/d/e directory",
    'rootfs/d/e/image "stays"',
  ]);
  expect(await linesOf(temp.root, "app:1-v")).toEqual([
    'Dockerfile "FROM scratch\\n"',
    "rootfs directory",
    'rootfs/a "file"',
    "rootfs/b directory",
    'rootfs/b/inside "in a directory"',
    "rootfs/c -> d",
    "rootfs/d directory",
    "rootfs/d/e directory",
    'rootfs/d/e/image "stays"',
    'rootfs/d/e/variant "joins"',
  ]);
  const variant = await contextOf(temp.root, "app:1-v");
  expect(await variant.find("rootfs/a/below")).toBeUndefined();
  expect(await variant.find("rootfs/c/below")).toBeUndefined();
  expect((await variant.find("rootfs/d/e/image"))?.type).toBe("file");
});

test("targetContext() leaves out hive's files, variants and nested images, at the top only", async () => {
  await using temp = await tempProject({
    "hive.yml": "",
    "images/app/image.yml": "tags: [{ name: '1' }]\nvariants: [{ name: v, tag_suffix: -v }]\n",
    "images/app/Dockerfile": "FROM scratch\n",
    "images/app/test.yaml": "schemaVersion: 2.0.0\n",
    "images/app/v/Dockerfile": "FROM scratch\n",
    "images/app/sub/other/image.yml": "tags: [{ name: '1' }]\n",
    "images/app/sub/other/Dockerfile": "FROM scratch\n",
    "images/app/sub/test.yaml": "schemaVersion: 2.0.0\n",
    "images/app/sub/rootfs/x": "",
  });
  const tree = await contextOf(temp.root);
  expect((await walk(tree)).map((line) => line.split(" ")[0])).toEqual([
    "Dockerfile",
    "sub",
    "sub/rootfs",
    "sub/rootfs/x",
    "sub/test.yaml",
  ]);
  for (const path of [
    "image.yml",
    "v",
    "v/Dockerfile",
    "sub/other",
    "sub/other/Dockerfile",
    "rootfs",
  ]) {
    expect(await tree.find(path)).toBeUndefined();
  }
});

test("targetContext() never leaves the tree", async () => {
  await using temp = await tempProject({
    ...app,
    "secret/file": "outside",
    "images/app/out": "-> ../../secret",
  });
  const tree = await contextOf(temp.root);
  expect(await tree.find("out/file")).toBeUndefined();
  expect(tree.list("out")).rejects.toMatchObject({ code: "ENOENT" });
  expect(tree.list("missing")).rejects.toMatchObject({ code: "ENOENT" });
  expect(tree.list("Dockerfile")).rejects.toMatchObject({ code: "ENOENT" });
});

test("targetContext() sends what a linked Dockerfile leads to", async () => {
  await using temp = await tempProject({
    ...app,
    "shared/Dockerfile": "FROM scratch\n# shared\n",
    "images/app/Dockerfile": "-> ../../shared/Dockerfile",
  });
  const entry = await (await contextOf(temp.root)).find("Dockerfile");
  expect(entry).toMatchObject({ type: "file", size: 22 });
});

test("targetContext() leaves out sockets, and names pipes that are not ignored", async () => {
  await using temp = await tempProject(app);
  const socket = join(temp.root, "images/app/s");
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  const tree = await contextOf(temp.root);
  expect((await tree.list("")).map(({ name }) => name)).toEqual(["Dockerfile"]);
  server.close();
  expect(Bun.spawnSync(["mkfifo", join(temp.root, "images/app/pipe")]).exitCode).toBe(0);
  const walkWithout = (...excludes: string[]) =>
    Array.fromAsync(walkTree(tree, { includes: [], excludes, followPaths: [] }));
  expect(await thrownText(async () => walkWithout(), temp.root)).toBe(
    'usage: Cannot send "ROOT/images/app/pipe" to a build: it is a device or a pipe\n\n' +
      "Remove it or name it in .dockerignore; make device files in the Dockerfile if the image needs them.",
  );
  expect((await walkWithout("pipe")).map(({ path }) => path)).toEqual(["Dockerfile"]);
});

test("targetContext() names a file whose name is not UTF-8 instead of leaving it out", async () => {
  await using temp = await tempProject(app);
  const path = Buffer.concat([
    Buffer.from(join(temp.root, "images/app/bad-")),
    Buffer.from([0xff]),
  ]);
  await writeFile(path, "");
  const tree = await contextOf(temp.root);
  expect(await thrownText(async () => tree.list(""), temp.root)).toBe(
    'usage: Cannot send "ROOT/images/app/bad-\uFFFD" to a build: its name is not UTF-8\n\n' +
      "Rename or remove the file.",
  );
});

test("targetContext() reads times as nanoseconds, and nothing before it is listed", async () => {
  await using temp = await tempProject(app);
  const tree = await contextOf(temp.root);
  const late = join(temp.root, "images/app/late");
  await writeFile(late, "x");
  await utimes(late, 1_700_000_000, 1_700_000_000);
  await symlink("late", join(temp.root, "images/app/to-late"));
  expect(await tree.find("late")).toMatchObject({ mtime: 1_700_000_000_000_000_000n });
  expect((await tree.list("")).map(({ name }) => name).toSorted()).toEqual([
    "Dockerfile",
    "late",
    "to-late",
  ]);
  expect(await tree.find("")).toMatchObject({ type: "directory" });
});

test("contextKey() differs for other files, other owners and other kinds, and stays for the same", async () => {
  const sources = await sourcesOf(fixture("variants"));
  const image = sources["python:3.13"];
  const variant = sources["python:3.13-slim"];
  if (image === undefined || variant === undefined) throw new Error("No such targets");
  const owner = { host: "a", user: "1" };
  const keys = [
    contextKey(image, "context", owner),
    contextKey(variant, "context", owner),
    contextKey(image, "dockerfile", owner),
    contextKey(image, "context", { ...owner, host: "b" }),
    contextKey(image, "context", { ...owner, user: "2" }),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(contextKey({ ...image }, "context", owner)).toBe(contextKey(image, "context", owner));
  expect(contextKey(image, "context")).toMatch(/^[0-9a-f]{64}$/);
});
