import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { HiveError } from "../base/hive-error.ts";
import { unreadableFile } from "../base/unreadable-file.ts";
import type { RemoteCredential } from "../remote/credential.ts";
import { parseVariables } from "./parse-variables.ts";
import { credentialVariables, variableCredential } from "./variable-credential.ts";

/** Bytes. More is no file of credentials. */
const limit = 64 * 1024;

/**
 * The credential in a file of `KEY=value` lines that only its owner can read.
 * @throws HiveError "usage" for a file that can't be read, that others can read, or that has no credential in it
 */
export async function readCredsfile(path: string): Promise<RemoteCredential> {
  const text = await readPrivate(path);
  const values = parseVariables(text, path);
  const found = variableCredential(Object.fromEntries(values), `"${path}"`);
  if (found !== undefined) return found;
  throw new HiveError("usage", `There is no credential in "${path}"`, {
    hint: `Set ${credentialVariables[0]} and ${credentialVariables[1]} there, or ${credentialVariables[2]}, as KEY=value.`,
  });
}

async function readPrivate(path: string): Promise<string> {
  try {
    await checkLink(path);
    // What is looked at is what is read; a pipe that nobody writes to is not waited for.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    await checkFile(path, file);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(limit + 1), 0, limit + 1, 0);
    if (bytesRead > limit) throw refused(path, "it is too long", "Give a file of KEY=value lines.");
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    throw error instanceof HiveError ? error : unreadableFile(path, error, { kind: "usage" });
  }
}

/** A link is followed if nobody else could have made it. */
async function checkLink(path: string): Promise<void> {
  const stat = await lstat(path);
  if (stat.isSymbolicLink() && !isOurs(stat.uid)) {
    throw refused(path, "it is a link that another user made", "Give the path of the file itself.");
  }
}

async function checkFile(path: string, file: FileHandle): Promise<void> {
  const stat = await file.stat();
  if (!stat.isFile()) throw refused(path, "it is no regular file", "Give the path of a file.");
  if ((stat.mode & 0o077) !== 0) {
    throw refused(
      path,
      "others than its owner can read it or write to it",
      `Run chmod 600 "${path}".`,
    );
  }
  // The superuser may look after the files of others.
  if (!isOurs(stat.uid) && process.geteuid?.() !== 0) {
    throw refused(path, "it belongs to another user", "Give a file of your own.");
  }
}

function isOurs(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

function refused(path: string, reason: string, hint: string): HiveError {
  return new HiveError("usage", `Cannot use "${path}" as a file of credentials: ${reason}`, {
    hint,
  });
}
