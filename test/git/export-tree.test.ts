import { expect, test } from "bun:test";
import { readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { exportTree } from "../../src/git/export-tree.ts";
import { findRepository } from "../../src/git/find-repository.ts";
import { gitEnvironment, type GitRepository, gitRepository } from "../support/git-repository.ts";
import { rejection } from "../support/rejection.ts";
import { smallDisk } from "../support/small-disk.ts";
import { tempDirectory } from "../support/temp-directory.ts";

async function exported(
  { path }: GitRepository,
  commit: string,
  directory: string,
  { paths = [], largest = Infinity }: { paths?: readonly string[]; largest?: number } = {},
): Promise<string[]> {
  const repository = await findRepository(path, gitEnvironment);
  if (repository === undefined) throw new Error("There is no repository");
  const wants = (_: string, size: number): boolean => size <= largest;
  await exportTree(repository, commit, { paths, directory, wants });
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();
}

test("exportTree() writes what a commit has, byte for byte, whatever the attributes say", async () => {
  await using repository = await gitRepository();
  const binary = "\u0000\n\n\u00ff".repeat(50_000);
  const commit = await repository.commit(100, {
    ".gitattributes": "* text eol=crlf filter=trap export-ignore\n",
    "a/text": "one\ntwo\n",
    "a/empty": "",
    "a/run": "#!/bin/sh\n",
    "a/link": "-> text",
    "b/big": binary,
    "b/o d\n\u00e4": "x",
  });
  await repository.commit(200, { "a/text": "later" });
  await using directory = await tempDirectory();
  const names = await exported(repository, commit, directory.path);
  expect(names).toEqual([
    ".gitattributes",
    "a/empty",
    "a/link",
    "a/run",
    "a/text",
    "b/big",
    "b/o d\n\u00e4",
  ]);
  const at = (path: string): string => join(directory.path, path);
  expect(await Bun.file(at("a/text")).text()).toBe("one\ntwo\n");
  expect(await Bun.file(at("b/big")).text()).toBe(binary);
  expect(await readlink(at("a/link"))).toBe("text");
  expect(((await stat(at("a/run"))).mode & 0o100) !== 0).toBe(true);
});

test("exportTree() writes what is asked for", async () => {
  await using repository = await gitRepository();
  const commit = await repository.commit(100, { "a/f": "1", "a/big": "12345", "b/f": "1" });
  await using directory = await tempDirectory();
  const names = await exported(repository, commit, directory.path, { paths: ["a"], largest: 4 });
  expect(names).toEqual(["a/f"]);
});

test("exportTree() writes nothing outside of its directory", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, { f: "1" });
  const blob = await repository.git("rev-parse", "HEAD:f");
  const link = await repository.git("hash-object", "-w", "--literally", "-t", "blob", "f");
  await using outside = await tempDirectory();
  await Bun.write(join(repository.path, "target"), outside.path);
  const target = await repository.git("hash-object", "-w", "target");
  // Names that git itself refuses to write, made as raw objects.
  const entry = (mode: string, name: string, id: string): Buffer =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]);
  const tree = async (...entries: Buffer[]): Promise<string> => {
    await Bun.write(join(repository.path, "raw"), Buffer.concat(entries));
    return await repository.git("hash-object", "-w", "-t", "tree", "--literally", "raw");
  };
  const inner = await tree(entry("100644", "owned", blob));
  const bad = [
    await tree(entry("40000", "..", inner)),
    await tree(entry("120000", "x", target), entry("40000", "x", inner)),
  ];
  expect(link).toBe(blob);
  for (const root of bad) {
    const commit = await repository.git("commit-tree", "-m", "bad", root);
    await using directory = await tempDirectory();
    const below = join(directory.path, "below");
    await Bun.write(join(below, ".keep"), "");
    await exported(repository, commit, below).catch(() => []);
    expect(await readdir(directory.path)).toEqual(["below"]);
    expect(await readdir(outside.path)).toEqual([]);
  }
});

test("exportTree() fails on a full disk, and cuts no file short in silence", async () => {
  await using repository = await gitRepository();
  // In pieces that the disk takes in part: the last one of them above all.
  const commit = await repository.commit(100, { big: "x".repeat(2 * 1024 * 1024 + 100) });
  await using disk = await smallDisk();
  const error = await rejection(exported(repository, commit, disk.path));
  expect(error).toMatchObject({
    kind: "failed",
    message: `Cannot write to "${disk.path}": no space left on the device`,
  });
});
