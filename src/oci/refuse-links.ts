import { type Dirent, lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";
import { digestAlgorithms } from "./digest.ts";

/**
 * Refuses an image layout in `directory` that is a link, or has one, or a pipe or a device, where hive reads, writes and
 * sweeps: whoever made the project would have files elsewhere overwritten and removed. Blobs are looked at when they are
 * asked for; of unfinished files only names count. No layout, or one that can't be read, is fine here.
 * @throws HiveError usage
 */
export function refuseLinks(directory: string): void {
  const found = lstatOf(directory);
  if (found === undefined) return;
  if (!found.isDirectory()) throw refused(directory, directory, found);
  look(directory, directory);
}

function look(directory: string, at: string): void {
  for (const entry of entriesOf(at)) {
    const path = join(at, entry.name);
    if (entry.isDirectory()) {
      if (!isOwn(directory, path)) look(directory, path);
    } else if (!entry.isFile()) {
      // Some file systems don't say in a listing what an entry is.
      const found = lstatOf(path);
      if (found !== undefined && !found.isFile() && !found.isDirectory()) {
        throw refused(path, directory, found);
      }
    }
  }
}

/** Directories of many files, which nothing goes through blindly. */
function isOwn(directory: string, path: string): boolean {
  const names = ["tmp", ...digestAlgorithms.map((algorithm) => `blobs/${algorithm}`)];
  return names.some((name) => path === join(directory, name));
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    // Gone meanwhile, or not readable: then nothing is read or written there, or whoever tries says why.
    if (isMissingFile(error) || systemErrorCode(error) === "EACCES") return [];
    throw error;
  }
}

function lstatOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissingFile(error) || systemErrorCode(error) === "EACCES") return undefined;
    throw error;
  }
}

function refused(path: string, directory: string, found: Stats): HiveError {
  const kind = found.isSymbolicLink() ? "a symlink" : found.isFile() ? "a file" : "no plain file";
  return new HiveError("usage", `Cannot use "${path}": it is ${kind}`, {
    hint:
      path === directory
        ? "Remove it: hive makes a directory there. To have it on another disk, mount one."
        : `Remove it, or all of "${directory}": hive fills it again.`,
  });
}
