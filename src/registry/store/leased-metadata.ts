import type { Leases } from "./leases.ts";
import type { MetadataStore } from "./metadata-store.ts";
import { requireRepository } from "./store-limits.ts";

/**
 * The metadata of a store as its registry sees it: what a change names has a lease, and repositories have a limit. A
 * change is not durable before the content is that it names, which another request may be storing.
 */
export function createLeasedMetadata(
  metadata: MetadataStore,
  leases: Leases,
  maxRepositories: number | undefined,
): MetadataStore {
  return {
    ...metadata,
    async putManifest(repository, record, tags) {
      requireRepository(metadata, repository, maxRepositories);
      leases.touch(record.digest);
      // What garbage collection has already looked at may be needed again.
      for (const digest of record.content) leases.touch(digest);
      await metadata.putManifest(repository, record, tags);
      await leases.settled([record.digest, ...record.content]);
    },
    async addBlob(repository, digest) {
      requireRepository(metadata, repository, maxRepositories);
      leases.touch(digest);
      await metadata.addBlob(repository, digest);
      await leases.settled([digest]);
    },
  };
}
