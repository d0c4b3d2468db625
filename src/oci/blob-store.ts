import { readFileSync } from "node:fs";
import { type Digest, type DigestAlgorithm, digestAlgorithm, digestOf } from "./digest.ts";

/** Content by digest. What is in the store is complete and has the digest it is stored under. */
export type BlobStore = {
  find(digest: Digest): StoredBlob | undefined;
  /** Opens a place for new content; nobody sees it before `commit`. The caller disposes of the writer. */
  createWriter(options?: { readonly algorithm?: DigestAlgorithm }): BlobWriter;
  /** Whether there was something to remove. */
  remove(digest: Digest): boolean;
};

export type StoredBlob = {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** A file that never changes, to read from. */
  readonly path: string;
};

/** Takes content piece by piece. Disposed of without a commit, it leaves nothing behind. */
export type BlobWriter = Disposable & {
  /** Bytes taken so far. */
  readonly size: number;
  /** The file that they stand in until the commit, from the first byte on: who has it open reads on when it is moved or removed. */
  readonly path: string;
  /** Takes all of `chunk` before it returns. Throws HiveError when the disk is full. */
  write(chunk: Uint8Array): void;
  /**
   * Makes the content visible under its digest, the one expected if one is.
   * @throws ContentMismatch when the content is not what was expected; the content is gone then.
   */
  commit(expected?: ExpectedContent): Promise<StoredBlob>;
};

export type ExpectedContent = { readonly digest?: Digest; readonly size?: number };

/** Content that does not have the digest or the size it should have. */
export class ContentMismatch extends Error {
  override readonly name = "ContentMismatch";
}

/**
 * Stores content that is there as bytes or comes as a stream.
 * @throws ContentMismatch, HiveError
 */
export async function storeBlob(
  store: BlobStore,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  expected: ExpectedContent = {},
): Promise<StoredBlob> {
  using writer = store.createWriter(
    expected.digest === undefined ? {} : { algorithm: digestAlgorithm(expected.digest) },
  );
  if (content instanceof Uint8Array) writer.write(content);
  else for await (const chunk of content) writer.write(chunk);
  return await writer.commit(expected);
}

/**
 * The bytes of a small blob, checked against its digest; undefined when it is not there.
 * @throws ContentMismatch when the file was damaged, RangeError when it is bigger than `limit` bytes.
 */
export async function readBlob(
  store: BlobStore,
  digest: Digest,
  limit: number,
): Promise<Uint8Array | undefined> {
  const blob = store.find(digest);
  if (blob === undefined) return undefined;
  if (blob.size > limit) {
    throw new RangeError(`Cannot read blob ${digest}: ${blob.size} bytes are over the limit`);
  }
  // In one go: a run may read some thousand manifests, and to wait for each takes longer than to read it.
  const bytes = readFileSync(blob.path);
  const actual = digestOf(bytes, digestAlgorithm(digest));
  if (actual !== digest) {
    throw new ContentMismatch(`Blob ${digest} is damaged: its content is ${actual}`);
  }
  return bytes;
}

/**
 * A blob's bytes as a stream, checked on the way: it throws ContentMismatch at its end when the file was damaged, so
 * what is made of it must not be used before the end.
 */
export async function* streamBlob(blob: StoredBlob): AsyncGenerator<Uint8Array> {
  const algorithm = digestAlgorithm(blob.digest);
  const hasher = new Bun.CryptoHasher(algorithm);
  for await (const chunk of Bun.file(blob.path).stream()) {
    hasher.update(chunk);
    yield chunk;
  }
  const actual = `${algorithm}:${hasher.digest("hex")}`;
  if (actual !== blob.digest) {
    throw new ContentMismatch(`Blob ${blob.digest} is damaged: its content is ${actual}`);
  }
}
