import type { BlobStore } from "../../oci/blob-store.ts";

/** A blob store that counts what is committed to it since it was made. */
export type CountingBlobStore = BlobStore & {
  readonly committedBlobs: number;
  /** Bytes. */
  readonly committedBytes: number;
};

/** `blobs`, with what is committed from now on counted. */
export function countCommits(blobs: BlobStore): CountingBlobStore {
  let committedBlobs = 0;
  let committedBytes = 0;
  return {
    find: (digest) => blobs.find(digest),
    remove: (digest) => blobs.remove(digest),
    createWriter(options) {
      const writer = blobs.createWriter(options);
      return {
        get size() {
          return writer.size;
        },
        path: writer.path,
        write: (chunk) => writer.write(chunk),
        async commit(expected) {
          const blob = await writer.commit(expected);
          committedBlobs++;
          committedBytes += blob.size;
          return blob;
        },
        [Symbol.dispose]: () => writer[Symbol.dispose](),
      };
    },
    get committedBlobs() {
      return committedBlobs;
    },
    get committedBytes() {
      return committedBytes;
    },
  };
}
