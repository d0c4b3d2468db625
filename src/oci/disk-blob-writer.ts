import { mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { storageError } from "../base/storage-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { writeAll } from "../base/write-all.ts";
import { type BackgroundSync, createBackgroundSync } from "./background-sync.ts";
import {
  type BlobWriter,
  ContentMismatch,
  type ExpectedContent,
  type StoredBlob,
} from "./blob-store.ts";
import { type Digest, type DigestAlgorithm, digestAlgorithm } from "./digest.ts";
import { type FollowedFile, hashInThread } from "./hash-thread.ts";
import { syncDirectory } from "./sync-directory.ts";

type DiskBlobWriterOptions = {
  /** The store's, for errors. */
  readonly directory: string;
  /** Where the unfinished file stands. */
  readonly scratch: string;
  /** Whether what was committed survives a power cut. */
  readonly durable: boolean;
  /** What content is hashed by, unless another algorithm turns out to be wanted. */
  readonly algorithm: DigestAlgorithm;
  /** Where finished content goes. */
  readonly blobPath: (digest: Digest) => string;
};

// From here on another thread hashes. Below, starting it would cost more than it saves.
const followFrom = 8 * 1024 * 1024;

/** Content on its way into a store on disk: hashed while it is written, moved into place when whole. */
export function createDiskBlobWriter(options: DiskBlobWriterOptions): BlobWriter {
  return new DiskBlobWriter(options);
}

class DiskBlobWriter implements BlobWriter {
  readonly #options: DiskBlobWriterOptions;
  readonly #path: string;
  // Opened with the first byte, so that an upload that never sends one costs no file.
  #file: OpenFile | undefined;
  #hasher: Bun.CryptoHasher;
  /** Hashes instead of `#hasher` once there is much content. */
  #followed: FollowedFile | undefined;
  #size = 0;
  #open = true;
  #published = false;

  constructor(options: DiskBlobWriterOptions) {
    this.#options = options;
    this.#path = join(options.scratch, crypto.randomUUID());
    this.#hasher = new Bun.CryptoHasher(options.algorithm);
  }

  get size(): number {
    return this.#size;
  }

  get path(): string {
    return this.#path;
  }

  write(chunk: Uint8Array): void {
    if (!this.#open) throw new Error("Internal error: write to a closed blob writer");
    try {
      // Synchronous on purpose: measured, a hop to the thread pool costs more than the write to the page cache.
      const { descriptor, sync } = this.#opened();
      writeAll(descriptor, chunk);
      this.#size += chunk.byteLength;
      if (this.#options.durable) sync.grown(this.#size);
    } catch (error) {
      this[Symbol.dispose]();
      throw storageError(error, this.#options.directory);
    }
    this.#hash(chunk);
  }

  async commit(expected: ExpectedContent = {}): Promise<StoredBlob> {
    if (!this.#open) throw new Error("Internal error: commit of a closed blob writer");
    const { durable, blobPath } = this.#options;
    try {
      const { sync } = this.#opened();
      const digest = await this.#verify(expected);
      const path = blobPath(digest);
      if (durable) await sync.finish();
      this.#publish(path);
      if (durable) await syncDirectory(dirname(path));
      return { digest, size: this.#size, path };
    } catch (error) {
      throw error instanceof ContentMismatch ? error : storageError(error, this.#options.directory);
    } finally {
      this[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    this.#open = false;
    this.#followed?.[Symbol.dispose]();
    if (this.#file === undefined) return;
    this.#file.sync.close();
    this.#file = undefined;
    if (!this.#published) rmSync(this.#path, { force: true });
  }

  #opened(): OpenFile {
    if (this.#file === undefined) {
      const descriptor = openSync(this.#path, "wx", 0o644);
      this.#file = { descriptor, sync: createBackgroundSync(descriptor) };
    }
    return this.#file;
  }

  #hash(chunk: Uint8Array): void {
    if (this.#followed === undefined) {
      this.#hasher.update(chunk);
      // Asked once, when the size passes the mark: what is hashed here to the end has been hashed here from the start.
      const crossed = this.#size >= followFrom && this.#size - chunk.byteLength < followFrom;
      if (crossed) this.#followed = hashInThread(this.#path, this.#options.algorithm);
    }
    this.#followed?.grown(this.#size);
  }

  async #verify(expected: ExpectedContent): Promise<Digest> {
    const algorithm =
      expected.digest === undefined ? this.#options.algorithm : digestAlgorithm(expected.digest);
    const digest = `${algorithm}:${await this.#hex(algorithm)}` as Digest;
    if (expected.size !== undefined && expected.size !== this.#size) {
      throw new ContentMismatch(`Expected ${expected.size} bytes, got ${this.#size}`);
    }
    if (expected.digest !== undefined && expected.digest !== digest) {
      throw new ContentMismatch(`Expected content ${expected.digest}, got ${digest}`);
    }
    return digest;
  }

  async #hex(algorithm: DigestAlgorithm): Promise<string> {
    if (algorithm === this.#options.algorithm) {
      if (this.#followed === undefined) return this.#hasher.digest("hex");
      const hex = await this.#followed.digest();
      if (hex !== undefined) return hex;
    }
    // The algorithm may turn out to be another one only now, at the end of an upload: rare, so read it again then.
    const hasher = new Bun.CryptoHasher(algorithm);
    for await (const chunk of Bun.file(this.#path).stream()) hasher.update(chunk);
    return hasher.digest("hex");
  }

  #publish(path: string): void {
    try {
      renameSync(this.#path, path);
    } catch (error) {
      if (systemErrorCode(error) !== "ENOENT") throw error;
      mkdirSync(dirname(path), { recursive: true });
      renameSync(this.#path, path);
    }
    this.#published = true;
  }
}

type OpenFile = { readonly descriptor: number; readonly sync: BackgroundSync };
