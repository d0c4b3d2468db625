import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isMissingFile } from "../../base/system-error.ts";
import { type Digest, isDigest } from "../../oci/digest.ts";

/** The digests of all blob files in a layout. Other files are left out. */
export async function storedBlobs(directory: string): Promise<readonly Digest[]> {
  const found = await Promise.all(
    ["sha256", "sha512"].map(async (algorithm) => {
      const names = await list(join(directory, "blobs", algorithm));
      return names.map((name) => `${algorithm}:${name}`).filter((text) => isDigest(text));
    }),
  );
  return found.flat();
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}
