import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { isRecord } from "../base/is-record.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";
import { writeFileAtomically } from "../oci/atomic-file.ts";
import { acquireFileLock } from "../oci/file-lock.ts";

/** Names the directories that hive made: nothing else is ever replaced or removed. */
const markerName = ".hive-generated.json";
const lockName = ".hive-generated.lock";
const scratchName = ".hive-generated.tmp";

/** A directory for what hive generates. All paths are relative to it. */
export type OutputDirectory = AsyncDisposable & {
  /** The directories that are in it from this and older runs. */
  readonly made: ReadonlySet<string>;
  /** Removes directories of `made`, and the empty ones above them. */
  remove(paths: readonly string[]): Promise<void>;
  /**
   * Takes paths for directories that will be made.
   * @throws HiveError usage when one leads over a link or a file, or to something that hive did not make.
   */
  claim(paths: readonly string[]): Promise<void>;
  /** Fills a new directory and puts it at a claimed `path`, in place of what was there. */
  replace<T>(path: string, fill: (scratch: string) => Promise<T>): Promise<T>;
};

/**
 * Opens the directory at absolute path `path`, alone: others who generate there wait.
 * @throws HiveError usage when it is a link, or has files but is none that hive made.
 */
export async function openOutput(path: string): Promise<OutputDirectory> {
  await mkdir(path, { recursive: true }).catch((error: Error) => {
    throw new HiveError("usage", `Cannot write to "${path}": ${error.message}`, { cause: error });
  });
  const root = await realpath(path);
  // A project's own link could lead to anything, another project's output included.
  if ((await lstat(path)).isSymbolicLink()) throw foreign(path, "it is a link");
  const names = await readdir(root);
  if (names.length > 0 && !names.includes(markerName) && !names.includes(lockName)) {
    throw new HiveError("usage", `Cannot write to "${path}": it has files that hive did not make`, {
      hint: "Choose a new or empty directory with --output.",
    });
  }
  for (const name of [markerName, lockName]) {
    const found = await lstat(join(root, name)).catch(ignoreMissing);
    if (found?.isFile() === false) throw foreign(join(path, name), "it is no plain file");
  }
  const lock = await acquireFileLock(join(root, lockName));
  const scratch = join(root, scratchName);
  const made = await readMarker(join(root, markerName));
  await removeTree(scratch);
  let number = 0;

  async function check(target: string): Promise<void> {
    const parts = target.split("/");
    for (const index of parts.keys()) {
      const way = parts.slice(0, index + 1).join("/");
      const found = await lstat(join(root, way)).catch(ignoreMissing);
      if (found === undefined) return;
      const isLast = way === target;
      if (!found.isDirectory()) {
        throw foreign(join(path, way), found.isSymbolicLink() ? "it is a link" : "it is a file");
      }
      if (made.has(way) ? !isLast : isLast) {
        throw foreign(join(path, way), isLast ? "hive did not make it" : "another image is there");
      }
    }
  }

  async function remember(): Promise<void> {
    const text = JSON.stringify({ version: 1, directories: [...made].toSorted() }, undefined, 2);
    await writeFileAtomically(join(root, markerName), `${text}\n`);
  }

  async function setAside(target: string): Promise<string | undefined> {
    const from = join(root, target);
    if ((await lstat(from).catch(ignoreMissing)) === undefined) return undefined;
    const to = join(scratch, String((number += 1)));
    await mkdir(scratch, { recursive: true });
    // A directory that can't be written to can't be moved.
    await chmod(from, 0o755);
    await rename(from, to);
    return to;
  }

  return {
    made,
    async remove(targets) {
      for (const target of targets) {
        await check(target);
        const old = await setAside(target);
        if (old !== undefined) await removeTree(old);
        await removeEmptyParents(root, target);
        made.delete(target);
      }
      await remember();
    },
    async claim(targets) {
      for (const target of targets) await check(target);
      for (const target of targets) made.add(target);
      // Before they are there: one that is there and not known would be in the way for ever.
      await remember();
    },
    async replace(target, fill) {
      const fresh = join(scratch, String((number += 1)));
      await mkdir(fresh, { recursive: true });
      const result = await fill(fresh);
      await check(target);
      await mkdir(dirname(join(root, target)), { recursive: true });
      const old = await setAside(target);
      await rename(fresh, join(root, target));
      if (old !== undefined) await removeTree(old);
      return result;
    },
    async [Symbol.asyncDispose]() {
      await removeTree(scratch);
      lock[Symbol.dispose]();
    },
  };
}

function foreign(path: string, reason: string): HiveError {
  return new HiveError("usage", `Cannot write to "${path}": ${reason}`, {
    hint: "Remove it, or choose another directory with --output.",
  });
}

// A damaged marker knows of nothing: then what is there is in the way, and is named.
async function readMarker(path: string): Promise<Set<string>> {
  const text = await readFile(path, "utf8").catch(ignoreMissing);
  try {
    const marker: unknown = JSON.parse(text ?? "");
    const directories = isRecord(marker) ? marker["directories"] : undefined;
    return new Set(Array.isArray(directories) ? directories.filter(isCleanPath) : []);
  } catch {
    return new Set();
  }
}

// Whoever writes to the marker must not be able to point it elsewhere.
function isCleanPath(path: unknown): path is string {
  if (typeof path !== "string") return false;
  return path.split("/").every((part) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part));
}

async function removeEmptyParents(root: string, path: string): Promise<void> {
  for (let way = dirname(path); way !== "."; way = dirname(way)) {
    try {
      await rmdir(join(root, way));
    } catch {
      return;
    }
  }
}

async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (systemErrorCode(error) !== "EACCES") throw error;
    await makeWritable(path);
    await rm(path, { recursive: true, force: true });
  }
}

async function makeWritable(path: string): Promise<void> {
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(path, entry.name));
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissingFile(error)) throw error;
}
