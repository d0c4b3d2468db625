import type { BlobStore, StoredBlob } from "../oci/blob-store.ts";
import type { Digest } from "../oci/digest.ts";
import type { MetadataStore } from "./metadata-store.ts";

/** Everything that a registry keeps, and who may see what of it. */
export type RegistryStore = {
  readonly blobs: BlobStore;
  readonly metadata: MetadataStore;
  /** A blob as far as `repository` has it. */
  findBlob(repository: string, digest: Digest): StoredBlob | undefined;
};

type RegistryStoreOptions = {
  readonly blobs: BlobStore;
  readonly metadata: MetadataStore;
  /**
   * `shared`: what is in the content store is in every repository. Right where whoever may read one may read all, as
   * in a build's own registry. `repository`: only what was pushed or mounted there, the boundary between tenants.
   */
  readonly membership: "shared" | "repository";
};

export function createRegistryStore(options: RegistryStoreOptions): RegistryStore {
  const { blobs, metadata, membership } = options;
  return {
    blobs,
    metadata,
    findBlob(repository, digest) {
      const visible = membership === "shared" || metadata.hasBlob(repository, digest);
      return visible ? blobs.find(digest) : undefined;
    },
  };
}
