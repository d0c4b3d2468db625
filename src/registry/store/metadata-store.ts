import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";

/**
 * What a registry knows besides content: which repository has which manifests, tags and blobs.
 * The bytes, of manifests too, are in the blob store.
 *
 * A change is seen by the next call at once; its promise resolves when the change is as durable as the store makes it.
 * When the promise rejects, the change was undone.
 */
export type MetadataStore = {
  /** Names of repositories with a manifest, sorted. Valid until the next change. */
  repositories(): readonly string[];
  /** Names of all repositories there are, in any order: those, too, that have blobs only. */
  allRepositories(): Iterable<string>;
  /** How many `allRepositories` are. */
  repositoryCount(): number;
  hasRepository(repository: string): boolean;
  /** Tags, sorted; undefined when there is no such repository. Valid until the next change. */
  tags(repository: string): readonly string[] | undefined;
  findTag(repository: string, tag: string): ManifestRecord | undefined;
  findManifest(repository: string, digest: Digest): ManifestRecord | undefined;
  /** Every manifest of a repository; changes meanwhile may or may not be seen. */
  manifests(repository: string): Iterable<ManifestRecord>;
  /** Since when no tag has led to the manifest, by `Date.now()`; undefined when one does, or without such a manifest. */
  untaggedSince(repository: string, digest: Digest): number | undefined;
  /** When the manifest was last given a tag, else when it was put, by `Date.now()`; undefined without such a manifest. */
  pushedAt(repository: string, digest: Digest): number | undefined;
  /** Adds a manifest and points the tags to it: all of it or, when it rejects, nothing. */
  putManifest(repository: string, record: ManifestRecord, tags: readonly string[]): Promise<void>;
  /** The manifest stays. Whether there was something to remove. */
  deleteTag(repository: string, tag: string): Promise<boolean>;
  /** Removes the manifest with the tags that point to it. Whether there was something to remove. */
  deleteManifest(repository: string, digest: Digest): Promise<boolean>;
  /** Manifests whose subject is `subject`, in the order they came. */
  referrers(repository: string, subject: Digest): readonly Descriptor[];
  hasBlob(repository: string, digest: Digest): boolean;
  /** Every blob of a repository; changes meanwhile may or may not be seen. */
  blobs(repository: string): Iterable<Digest>;
  /** Whether any repository has it, as a manifest or as a blob. */
  isKnown(digest: Digest): boolean;
  /** Names of the repositories that have the blob, in any order; looked for one by one, as the caller asks. */
  repositoriesWithBlob(digest: Digest): Iterable<string>;
  addBlob(repository: string, digest: Digest): Promise<void>;
  removeBlob(repository: string, digest: Digest): Promise<boolean>;
  /** Resolves when every change up to now is as durable as the store makes it. */
  settled(): Promise<void>;
};

export type ManifestRecord = {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  /** What the manifest needs to be whole, each once: config and layers, or the children of an index. */
  readonly content: readonly Digest[];
  /** Set when the manifest has a subject: what `referrers` of that subject lists. */
  readonly referrer?: { readonly subject: Digest; readonly descriptor: Descriptor };
};
