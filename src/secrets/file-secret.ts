import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { type Secret, secretError } from "./secret.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "permission denied",
};

/** What BuildKit takes. */
const longestFile = 500 * 1024;

/**
 * The content of a file, which may lie anywhere: secrets are outside of the project as a rule.
 * @throws HiveError failed when it can't be read, is no plain file, or has more than 500 KiB
 */
export async function fileSecret(secret: Secret, env: Environment): Promise<Uint8Array> {
  const path = pathOf(secret, env);
  try {
    // Without waiting: a pipe would hold us up until somebody writes to it.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile()) throw unreadable(secret, path, "it is no plain file");
    if (found.size > longestFile) {
      throw unreadable(secret, path, `it has ${found.size} bytes, over the limit of 500 KiB`);
    }
    // Files of the kernel's say that they are empty, and some have no end.
    const bytes = await readUpTo(file, longestFile + 1);
    if (bytes.length > longestFile) throw unreadable(secret, path, "it has more than 500 KiB");
    return bytes;
  } catch (error) {
    if (error instanceof HiveError) throw error;
    const code = systemErrorCode(error) ?? String(error);
    throw unreadable(secret, path, reasons[code] ?? code);
  }
}

async function readUpTo(file: FileHandle, most: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(most);
  let size = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, size, most - size, size);
    size += bytesRead;
    if (bytesRead === 0 || size === most) return buffer.slice(0, size);
  }
}

function pathOf(secret: Secret, env: Environment): string {
  const path = secret.value.reveal();
  if (!path.startsWith("~/")) return path;
  const home = env["HOME"] ?? "";
  if (home === "") throw secretError(secret, `HOME is not set, which "${path}" needs`);
  return join(home, path.slice(2));
}

function unreadable(secret: Secret, path: string, reason: string): HiveError {
  return secretError(secret, `cannot read "${path}": ${reason}`, {
    hint: "Its path is relative to the image's directory; ~/ and absolute paths are fine, too.",
  });
}
