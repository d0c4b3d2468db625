import { chown, lstat, mkdir, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { storageError } from "../base/storage-error.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";
import { writeFileAtomically } from "../oci/atomic-file.ts";
import { acquireFileLock } from "../oci/file-lock.ts";
import { parseConfig, unreadableConfig } from "./docker-config.ts";

/** As many as the kernel follows. */
const linkLimit = 40;

/**
 * Changes a file like Docker's config.json, which need not be there; others of us wait meanwhile. The rest of it stays, and
 * is written as it was; who else may read it can't any more. A link stays one.
 * @param change Gives the new document; undefined: the file stays as it is.
 * @throws HiveError when it can't be read, so nothing is lost, or written
 */
export async function editConfig(
  path: string,
  change: (document: Readonly<Record<string, unknown>>) => Record<string, unknown> | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const target = await linkTarget(path);
  const directory = dirname(target);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const lock = `${target}.hive-lock`;
    using _ = await acquireFileLock(lock, signal === undefined ? {} : { signal });
    await removeUnfinished(target);
    const text = await readText(target);
    const document = documentIn(text, path);
    const changed = change(document);
    if (changed === undefined) return;
    const end = text.endsWith("\n") ? "\n" : "";
    const owner = await stat(target).catch(() => undefined);
    const written = `${JSON.stringify(changed, undefined, indentationOf(text))}${end}`;
    await writeFileAtomically(target, written, { mode: 0o600 });
    // The superuser may log in for somebody else, who is to be able to read it.
    if (owner !== undefined && process.geteuid?.() === 0 && owner.uid !== 0) {
      await chown(target, owner.uid, owner.gid);
    }
  } catch (error) {
    throw explained(path, storageError(error, directory));
  }
}

/** As a file that is mounted by itself, which can't be replaced. */
function explained(path: string, error: Error): Error {
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  return new HiveError("failed", `Cannot write "${path}": ${code}`, {
    cause: error,
    hint: "See whether its directory is one, and whether the file itself is mounted from elsewhere; --authfile names another.",
  });
}

/** Where the file is, or would be, that a link stands for; it may be one of a person's own, to files kept elsewhere. */
async function linkTarget(path: string): Promise<string> {
  let target = path;
  for (let hop = 0; hop < linkLimit; hop++) {
    const found = await lstat(target).catch(() => undefined);
    if (found?.isSymbolicLink() !== true) return target;
    target = resolve(dirname(target), await readlink(target));
  }
  throw new HiveError("failed", `Cannot write "${path}": its links lead in circles`, {
    hint: "Mend or remove the link.",
  });
}

/** What those of us left who were killed while they wrote, which has secrets in it: who has the lock is alone. */
async function removeUnfinished(path: string): Promise<void> {
  const start = `.${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const isOne = name.startsWith(start) && /^[0-9a-f]{8}$/.test(name.slice(start.length));
    if (isOne) await rm(join(dirname(path), name), { force: true });
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return "";
    throw unreadableConfig(path, error);
  }
}

function documentIn(text: string, path: string): Record<string, unknown> {
  try {
    return parseConfig(text);
  } catch (error) {
    throw unreadableConfig(path, error);
  }
}

/** What its first line is indented with; a tab as docker has it. */
function indentationOf(text: string): string {
  return /^\s*\{\r?\n([ \t]+)/.exec(text)?.[1] ?? "\t";
}
