import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";

/**
 * What a registry knows besides content: which repository has which manifests, tags and blobs.
 * The bytes, of manifests too, are in the blob store.
 *
 * A change is seen by the next call at once; its promise resolves when the change is as durable as the store makes it.
 */
export type MetadataStore = {
  /** Names of repositories, sorted. */
  repositories(): readonly string[];
  hasRepository(repository: string): boolean;
  /** Tags, sorted; undefined when nothing was ever put into the repository. */
  tags(repository: string): readonly string[] | undefined;
  findTag(repository: string, tag: string): ManifestRecord | undefined;
  findManifest(repository: string, digest: Digest): ManifestRecord | undefined;
  /** Adds a manifest and points the tags to it. */
  putManifest(repository: string, record: ManifestRecord, tags: readonly string[]): Promise<void>;
  /** The manifest stays. Whether there was something to remove. */
  deleteTag(repository: string, tag: string): Promise<boolean>;
  /** Removes the manifest with the tags that point to it. Whether there was something to remove. */
  deleteManifest(repository: string, digest: Digest): Promise<boolean>;
  /** Manifests whose subject is `subject`, in the order they came. */
  referrers(repository: string, subject: Digest): readonly Descriptor[];
  hasBlob(repository: string, digest: Digest): boolean;
  /** Names of the repositories that have the blob, in any order; looked for one by one, as the caller asks. */
  repositoriesWithBlob(digest: Digest): Iterable<string>;
  addBlob(repository: string, digest: Digest): Promise<void>;
  removeBlob(repository: string, digest: Digest): Promise<boolean>;
};

export type ManifestRecord = {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  /** Set when the manifest has a subject: what `referrers` of that subject lists. */
  readonly referrer?: { readonly subject: Digest; readonly descriptor: Descriptor };
};
