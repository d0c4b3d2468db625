import type { BlobStore, StoredBlob } from "../../oci/blob-store.ts";
import type { Digest } from "../../oci/digest.ts";
import type { MetadataStore } from "./metadata-store.ts";

/** Everything that a registry keeps, and who may see what of it. */
export type RegistryStore = {
  readonly blobs: BlobStore;
  readonly metadata: MetadataStore;
  /** A blob as far as `repository` has it. */
  findBlob(repository: string, digest: Digest): StoredBlob | undefined;
  /**
   * To be asked before a push takes its first byte.
   * @param bytes that are to come, as far as that is known
   * @throws RegistryError 403 when the repository would be one too many, 507 when there is no room.
   */
  requireRoom(repository: string, bytes?: number): void;
};

export type Membership =
  /**
   * What is in the content store is in every repository. Right where whoever may read one may read all, as in a
   * build's own registry.
   */
  | "shared"
  /** Only what was pushed or mounted there, the boundary between tenants. */
  | "repository";

type RegistryStoreOptions = {
  readonly blobs: BlobStore;
  readonly metadata: MetadataStore;
  readonly membership: Membership;
  /** Default: there is always room. */
  readonly requireRoom?: RegistryStore["requireRoom"];
};

/** Puts content and metadata together; `membership` decides which blobs a repository has. */
export function createRegistryStore(options: RegistryStoreOptions): RegistryStore {
  const { blobs, metadata, membership, requireRoom = () => undefined } = options;
  return {
    blobs,
    metadata,
    findBlob(repository, digest) {
      const visible = membership === "shared" || metadata.hasBlob(repository, digest);
      return visible ? blobs.find(digest) : undefined;
    },
    requireRoom,
  };
}
