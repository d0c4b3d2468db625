import { expect, test } from "bun:test";
import { mkdir, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry } from "../../src/buildkit/file-tree.ts";
import { steadyTimes } from "../../src/context/steady-times.ts";
import { directoryTree } from "../support/directory-tree.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const epoch = 1_700_000_000;

async function entriesOf(root: string, time: number = epoch): Promise<Record<string, FileEntry>> {
  const tree = steadyTimes(directoryTree(root), time);
  const entries = await tree.list("");
  for (const entry of entries) expect(await tree.find(entry.name)).toEqual(entry);
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]));
}

const secondOf = (entry: FileEntry | undefined): number =>
  Number((entry?.mtime ?? 0n) / 1_000_000_000n);

test("steadyTimes() puts every time into the second of the epoch, and tells changes apart", async () => {
  await using directory = await tempDirectory();
  const path = join(directory.path, "file");
  await Bun.write(path, "1");
  await mkdir(join(directory.path, "directory"));
  await symlink("file", join(directory.path, "link"));
  const before = await entriesOf(directory.path);
  expect(Object.values(before).map(secondOf)).toEqual([epoch, epoch, epoch]);
  expect(await entriesOf(directory.path)).toEqual(before);
  const time = new Date("2001-01-01");
  await utimes(path, time, time);
  const touched = await entriesOf(directory.path);
  expect(secondOf(touched["file"])).toBe(epoch);
  expect(touched["file"]?.mtime).not.toBe(before["file"]?.mtime ?? 0n);
  await Bun.sleep(20);
  // Size and modification time as they were: the change time gives it away.
  await Bun.write(path, "2");
  await utimes(path, time, time);
  expect((await entriesOf(directory.path))["file"]?.mtime).not.toBe(touched["file"]?.mtime ?? 0n);
});

test("steadyTimes() shows no build a time before 1980", async () => {
  await using directory = await tempDirectory();
  await Bun.write(join(directory.path, "file"), "1");
  const { file } = await entriesOf(directory.path, 0);
  expect(new Date(secondOf(file) * 1000).getUTCFullYear()).toBe(1980);
});
