import { stat } from "node:fs/promises";
import { join } from "node:path";
import { mapLimited } from "../base/map-limited.ts";
import { isMissingFile } from "../base/system-error.ts";
import { digestAlgorithm, digestHex } from "../oci/digest.ts";
import { storedBlobs } from "../oci/stored-blobs.ts";

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
  const digests = [...(await storedBlobs(directory))];
  const sizes = await mapLimited(digests, parallel, (digest) =>
    sizeOf(join(directory, "blobs", digestAlgorithm(digest), digestHex(digest))),
  );
  const found = sizes.filter((size) => size !== undefined);
  return { blobs: found.length, bytes: found.reduce((sum, size) => sum + size, 0) };
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
