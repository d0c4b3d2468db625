import { type BigIntStats, lstatSync, readlinkSync, statSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";
import type { FileEntry } from "../buildkit/file-tree.ts";
import { UnsendableFile } from "./unsendable-file.ts";

/**
 * The entry for what lies at absolute `path`, links not followed; undefined when there is nothing, or a socket, which
 * means nothing in an image. A device or a pipe is a refused one.
 */
export async function readEntry(path: string): Promise<FileEntry | undefined> {
  const found = await lstat(path, { bigint: true }).catch(undefinedIfGone);
  return found && entryOf(found, path);
}

/** As `readEntry()`, for a single question: to wait takes longer than to ask, above all where there is nothing. */
export function findEntry(path: string): FileEntry | undefined {
  const found = orUndefined(() => lstatSync(path, { bigint: true, throwIfNoEntry: false }));
  return found && entryOf(found, path);
}

function entryOf(found: BigIntStats, path: string): FileEntry | undefined {
  if (found.isSocket()) return undefined;
  const common = commonFields(found, path.slice(path.lastIndexOf("/") + 1));
  if (found.isDirectory()) return { ...common, type: "directory", size: 0 };
  if (found.isFile()) {
    return { ...common, type: "file", size: Number(found.size), content: { path } };
  }
  if (found.isSymbolicLink()) {
    const linkname = orUndefined(() => readlinkSync(path));
    return linkname === undefined ? undefined : { ...common, type: "symlink", size: 0, linkname };
  }
  const refused = new UnsendableFile(path, "it is a device or a pipe", {
    hint: "Remove it or name it in .dockerignore; make device files in the Dockerfile if the image needs them.",
  });
  return { ...common, type: "file", size: 0, refused };
}

/** The entry for the file or directory that `path` leads to, under another name; undefined when there is none. */
export function readTarget(path: string, name: string): FileEntry | undefined {
  const found = orUndefined(() => statSync(path, { bigint: true, throwIfNoEntry: false }));
  if (found === undefined) return undefined;
  const common = commonFields(found, name);
  if (found.isDirectory()) return { ...common, type: "directory", size: 0 };
  return { ...common, type: "file", size: Number(found.size), content: { path } };
}

function commonFields({ mode, mtimeNs, ctimeNs }: BigIntStats, name: string) {
  return { name, mode: Number(mode & 0o7777n), mtime: mtimeNs, changed: ctimeNs };
}

function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    return undefinedIfGone(error);
  }
}

function undefinedIfGone(error: unknown): undefined {
  // EINVAL: no longer a link when its target was read.
  if (isMissingFile(error) || systemErrorCode(error) === "EINVAL") return undefined;
  throw error;
}
