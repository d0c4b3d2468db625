import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type BlobStore,
  type BlobWriter,
  ContentMismatch,
  type ExpectedContent,
  type StoredBlob,
} from "./blob-store.ts";
import { type Digest, type DigestAlgorithm, digestAlgorithm, digestHex } from "./digest.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";
import { storageError } from "./storage-error.ts";

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
      new DiskBlobWriter({ directory, scratch, durable }, algorithm),
    remove(digest) {
      // Out of sight at once, gone later: to free the space of a big file takes long.
      const removed = join(scratch, crypto.randomUUID());
      try {
        renameSync(blobPath(directory, digest), removed);
      } catch (error) {
        if (isMissingFile(error)) return false;
        throw storageError(error, directory);
      }
      void rm(removed, { force: true }).catch(() => undefined);
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
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? { digest, size: stat.size, path } : undefined;
}

class DiskBlobWriter implements BlobWriter {
  readonly #options: Required<DiskBlobStoreOptions>;
  readonly #algorithm: DigestAlgorithm;
  readonly #hasher: Bun.CryptoHasher;
  readonly #path: string;
  // Opened with the first byte, so that an upload that never sends one costs no file.
  #file: number | undefined;
  #size = 0;
  #open = true;

  constructor(options: Required<DiskBlobStoreOptions>, algorithm: DigestAlgorithm) {
    this.#options = options;
    this.#algorithm = algorithm;
    this.#hasher = new Bun.CryptoHasher(algorithm);
    this.#path = join(options.scratch, crypto.randomUUID());
  }

  get size(): number {
    return this.#size;
  }

  write(chunk: Uint8Array): void {
    if (!this.#open) throw new Error("Internal error: write to a closed blob writer");
    try {
      // Synchronous on purpose: measured, a hop to the thread pool costs more than the write to the page cache.
      const file = this.#descriptor();
      let done = 0;
      while (done < chunk.byteLength) done += writeSync(file, chunk, done);
    } catch (error) {
      this[Symbol.dispose]();
      throw storageError(error, this.#options.directory);
    }
    this.#hasher.update(chunk);
    this.#size += chunk.byteLength;
  }

  async commit(expected: ExpectedContent = {}): Promise<StoredBlob> {
    if (!this.#open) throw new Error("Internal error: commit of a closed blob writer");
    try {
      this.#descriptor();
      const digest = await this.#verify(expected);
      await this.#publish(digest);
      return { digest, size: this.#size, path: blobPath(this.#options.directory, digest) };
    } catch (error) {
      throw error instanceof ContentMismatch ? error : storageError(error, this.#options.directory);
    } finally {
      this[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    this.#open = false;
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    // After a commit there is nothing left under this name.
    rmSync(this.#path, { force: true });
  }

  #descriptor(): number {
    this.#file ??= openSync(this.#path, "wx", 0o644);
    return this.#file;
  }

  async #verify(expected: ExpectedContent): Promise<Digest> {
    const algorithm =
      expected.digest === undefined ? this.#algorithm : digestAlgorithm(expected.digest);
    // The algorithm may turn out to be another one only now, at the end of an upload: rare, so read it again then.
    const hasher = algorithm === this.#algorithm ? this.#hasher : await this.#rehash(algorithm);
    const digest = `${algorithm}:${hasher.digest("hex")}` as Digest;
    if (expected.size !== undefined && expected.size !== this.#size) {
      throw new ContentMismatch(`Expected ${expected.size} bytes, got ${this.#size}`);
    }
    if (expected.digest !== undefined && expected.digest !== digest) {
      throw new ContentMismatch(`Expected content ${expected.digest}, got ${digest}`);
    }
    return digest;
  }

  async #rehash(algorithm: DigestAlgorithm): Promise<Bun.CryptoHasher> {
    const hasher = new Bun.CryptoHasher(algorithm);
    for await (const chunk of Bun.file(this.#path).stream()) hasher.update(chunk);
    return hasher;
  }

  async #publish(digest: Digest): Promise<void> {
    const { directory, durable } = this.#options;
    const parent = join(directory, "blobs", digestAlgorithm(digest));
    if (durable) await syncFile(this.#path);
    try {
      await rename(this.#path, blobPath(directory, digest));
    } catch (error) {
      if (systemErrorCode(error) !== "ENOENT") throw error;
      mkdirSync(parent, { recursive: true });
      await rename(this.#path, blobPath(directory, digest));
    }
    if (durable) await syncDirectory(parent);
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Makes renames and new names in `path` survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows can't open a directory as a file and needs no such sync.
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
