import { lstatSync, renameSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { storageError } from "../base/storage-error.ts";
import { isMissingFile } from "../base/system-error.ts";
import type { BlobStore, StoredBlob } from "./blob-store.ts";
import { type Digest, digestAlgorithm, digestHex } from "./digest.ts";
import { createDiskBlobWriter } from "./disk-blob-writer.ts";

type DiskBlobStoreOptions = {
  /** Holds `blobs/<algorithm>/<hex>`, as an OCI image layout does. */
  readonly directory: string;
  /** Existing directory on the same file system, for files that are being written. */
  readonly scratch: string;
  /** Whether what was committed survives a power cut; costs two syncs a blob. Default: true. */
  readonly durable?: boolean;
};

/** Blobs as files: written to a scratch file, hashed on the way, moved into place when whole. */
export function createDiskBlobStore(options: DiskBlobStoreOptions): BlobStore {
  const { directory, scratch, durable = true } = options;
  return {
    find: (digest) => findBlob(directory, digest),
    createWriter: ({ algorithm = "sha256" } = {}) =>
      createDiskBlobWriter({
        directory,
        scratch,
        durable,
        algorithm,
        blobPath: (digest) => blobPath(directory, digest),
      }),
    remove(digest) {
      // Out of sight at once, gone later: to free the space of a big file takes long.
      const removed = join(scratch, crypto.randomUUID());
      try {
        renameSync(blobPath(directory, digest), removed);
      } catch (error) {
        if (isMissingFile(error)) return false;
        throw storageError(error, directory);
      }
      void unlink(removed).catch(() => undefined);
      return true;
    },
  };
}

/** Where a blob's file is in an image layout at `directory`, whether it is there or not. */
function blobPath(directory: string, digest: Digest): string {
  return join(directory, "blobs", digestAlgorithm(digest), digestHex(digest));
}

function findBlob(directory: string, digest: Digest): StoredBlob | undefined {
  const path = blobPath(directory, digest);
  // A link could have any file of this machine served, or exported, as content of an image.
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? { digest, size: stat.size, path } : undefined;
}
