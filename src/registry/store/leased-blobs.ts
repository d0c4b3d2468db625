import type { BlobStore, BlobWriter, ExpectedContent, StoredBlob } from "../../oci/blob-store.ts";
import type { Leases } from "./leases.ts";
import type { StorageUse } from "./store-limits.ts";

/** The blobs of a store as its registry sees them: what it finds or stores has a lease, and there is a limit to it. */
export function createLeasedBlobs(blobs: BlobStore, leases: Leases, use: StorageUse): BlobStore {
  return {
    find(digest) {
      const blob = blobs.find(digest);
      if (blob !== undefined) leases.touch(digest);
      return blob;
    },
    createWriter: (options) => leasedWriter(blobs.createWriter(options), leases, use),
    remove: (digest) => blobs.remove(digest),
  };
}

function leasedWriter(writer: BlobWriter, leases: Leases, use: StorageUse): BlobWriter {
  let taken = 0;
  const giveBack = (): void => {
    use.giveBack(taken);
    taken = 0;
  };
  const commit = async (expected: ExpectedContent | undefined): Promise<StoredBlob> => {
    const blob = await writer.commit(expected);
    leases.touch(blob.digest);
    giveBack();
    use.stored(blob.digest, blob.size);
    return blob;
  };
  return {
    get size() {
      return writer.size;
    },
    path: writer.path,
    write(chunk) {
      use.take(chunk.byteLength);
      taken += chunk.byteLength;
      return writer.write(chunk);
    },
    async commit(expected) {
      const stored = commit(expected);
      // From before it is in place: nobody may take it for garbage between that and its lease.
      if (expected?.digest !== undefined) leases.hold(expected.digest, stored);
      return await stored;
    },
    [Symbol.dispose]() {
      giveBack();
      writer[Symbol.dispose]();
    },
  };
}
