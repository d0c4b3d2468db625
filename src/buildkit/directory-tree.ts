import { isMissingFile } from "../base/system-error.ts";
import type { BigIntStats } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import type { FileEntry, FileTree } from "./file-tree.ts";

// lstat calls on the way at once: enough to keep the disk busy, few enough to leave the thread pool usable.
const statsAtOnce = 64;

/**
 * The plain directory at `root` as a tree. Sockets, pipes and devices aren't part of a build context: they are left out.
 * Hard links become files of their own; extended attributes aren't read.
 */
export function createDirectoryTree(root: string): FileTree {
  return {
    async list(path) {
      const directory = join(root, path);
      const names = await readdir(directory);
      const entries: FileEntry[] = [];
      for (let start = 0; start < names.length; start += statsAtOnce) {
        const batch = names.slice(start, start + statsAtOnce);
        const found = await Promise.all(batch.map(async (name) => readEntry(directory, name)));
        for (const [index, entry] of found.entries()) {
          if (entry !== undefined) entries.push(entry);
          else refuseBrokenName(directory, batch[index] ?? "");
        }
      }
      return entries;
    },
    async find(path) {
      if (path === "") return undefined;
      const slash = path.lastIndexOf("/");
      return readEntry(join(root, path.slice(0, Math.max(0, slash))), path.slice(slash + 1));
    },
  };
}

/** The entry, or undefined if it isn't there (any more) or is of a kind that isn't sent. */
async function readEntry(directory: string, name: string): Promise<FileEntry | undefined> {
  const path = join(directory, name);
  try {
    const stats = await lstat(path, { bigint: true });
    return await toEntry(path, name, stats);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

async function toEntry(
  path: string,
  name: string,
  stats: BigIntStats,
): Promise<FileEntry | undefined> {
  const common = { name, mode: Number(stats.mode & 0o7777n), mtime: stats.mtimeNs };
  if (stats.isDirectory()) return { ...common, type: "directory", size: 0 };
  if (stats.isSymbolicLink()) {
    return { ...common, type: "symlink", size: 0, linkname: await readlink(path) };
  }
  if (!stats.isFile()) return undefined;
  return { ...common, type: "file", size: Number(stats.size), content: { path } };
}

// A name that isn't UTF-8 was read with U+FFFD in its place, and so isn't found again.
function refuseBrokenName(directory: string, name: string): void {
  if (!name.includes("\uFFFD")) return;
  throw new HiveError("usage", `Cannot read "${join(directory, name)}": its name isn't UTF-8`, {
    hint: "Rename the file, or exclude it from the build context.",
  });
}
