import { expect, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createQuickReader } from "../../../src/buildkit/filesync/read-chunks.ts";
import { directoryTree } from "../../support/directory-tree.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

async function entryOf(path: string, name: string) {
  const entry = await directoryTree(path).find(name);
  if (entry === undefined) throw new Error(`There is no ${name}`);
  return entry;
}

test("createQuickReader() reads small files, and leaves those to others that grew or are large", async () => {
  await using directory = await tempDirectory();
  const file = join(directory.path, "file");
  await writeFile(file, "small");
  const entry = await entryOf(directory.path, "file");
  const read = (): unknown => createQuickReader()(entry);
  expect(read()).toEqual(Buffer.from("small"));
  await writeFile(file, "sm");
  expect(read()).toEqual(Buffer.from("sm"));
  await writeFile(file, "not so small");
  expect(read()).toBeUndefined();
  await rm(file);
  expect(read()).toEqual(new Uint8Array());
  await writeFile(file, "x".repeat(100_000));
  const large = await entryOf(directory.path, "file");
  expect(createQuickReader()(large)).toBeUndefined();
});

test("createQuickReader() does not wait for a pipe that took a file's place", async () => {
  await using directory = await tempDirectory();
  const file = join(directory.path, "file");
  await writeFile(file, "small");
  const entry = await entryOf(directory.path, "file");
  await rm(file);
  expect(await Bun.spawn(["mkfifo", file]).exited).toBe(0);
  expect(createQuickReader()(entry)).toEqual(Buffer.alloc(0));
});
