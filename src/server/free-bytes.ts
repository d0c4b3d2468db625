import { statfs } from "node:fs/promises";

/** Bytes that are left for us on the file system of `directory`; undefined when it does not say. */
export async function freeBytes(directory: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
