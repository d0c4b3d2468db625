import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncDirectory } from "./sync-directory.ts";

type AtomicFileOptions = {
  /** Where the unfinished file stands; the same file system as the final path. Default: beside it. */
  readonly scratch?: string;
  /** Permission bits, for a secret 0600. Default: 0644. */
  readonly mode?: number;
};

/**
 * Writes a file that is seen whole or not at all, a power cut included: the old content stays until the new is on disk.
 * When `content` throws, nothing is changed.
 */
export async function writeFileAtomically(
  path: string,
  content: string | AsyncIterable<Uint8Array>,
  options: AtomicFileOptions = {},
): Promise<void> {
  const { scratch = dirname(path), mode = 0o644 } = options;
  const temporary = join(scratch, `.${basename(path)}.${randomUUID().slice(0, 8)}`);
  try {
    const file = await open(temporary, "wx", mode);
    try {
      // writeFile takes both a string and an iterable, and writes until all is written.
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // On a file system that is read-only even this fails: what is told is the first error.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path));
}
