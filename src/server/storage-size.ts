import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { mapLimited } from "../base/map-limited.ts";
import { isMissingFile } from "../base/system-error.ts";

export type StorageSize = {
  readonly blobs: number;
  /** Of all blobs. */
  readonly bytes: number;
};

// It is a call for each blob: an answer is good for some time.
const validity = 60_000;
const parallel = 16;

/** Tells how much is stored in an image layout at `directory`; the answer may be a minute old. */
export function createStorageSize(directory: string): () => Promise<StorageSize> {
  let last: Promise<StorageSize> | undefined;
  let asked = 0;
  return async () => {
    if (last === undefined || performance.now() - asked > validity) {
      asked = performance.now();
      last = measure(directory);
    }
    try {
      return await last;
    } catch (error) {
      last = undefined;
      throw error;
    }
  };
}

async function measure(directory: string): Promise<StorageSize> {
  let blobs = 0;
  let bytes = 0;
  for (const algorithm of ["sha256", "sha512"]) {
    const parent = join(directory, "blobs", algorithm);
    const sizes = await mapLimited(await namesIn(parent), parallel, (name) =>
      sizeOf(join(parent, name)),
    );
    for (const size of sizes) {
      if (size === undefined) continue;
      blobs += 1;
      bytes += size;
    }
  }
  return { blobs, bytes };
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}

/** Undefined when it was removed meanwhile. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
