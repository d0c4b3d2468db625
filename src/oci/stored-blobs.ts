import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isMissingFile } from "../base/system-error.ts";
import { type Digest, digestAlgorithms, isDigest } from "./digest.ts";

/** The digests of all blob files in a layout, as they are asked for. Other files are left out. */
export async function storedBlobs(directory: string): Promise<Iterable<Digest>> {
  const lists = await Promise.all(
    digestAlgorithms.map(async (name) => ({
      name,
      files: await list(join(directory, "blobs", name)),
    })),
  );
  return (function* (): Generator<Digest> {
    for (const { name, files } of lists) {
      for (const file of files) {
        const digest = `${name}:${file}`;
        if (isDigest(digest)) yield digest;
      }
    }
  })();
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}
