import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { ManifestRecord, MetadataStore } from "./metadata-store.ts";

type Repository = {
  readonly manifests: Map<Digest, ManifestRecord>;
  readonly tags: Map<string, Digest>;
  readonly blobs: Set<Digest>;
  readonly referrers: Map<Digest, Map<Digest, Descriptor>>;
};

/** Metadata that lasts as long as the process. */
export function createMemoryMetadataStore(): MetadataStore {
  const repositories = new Map<string, Repository>();
  const findManifest = (repository: string, digest: Digest): ManifestRecord | undefined =>
    repositories.get(repository)?.manifests.get(digest);

  return {
    // A repository is one that a manifest was put into: an upload alone does not make one.
    repositories: () =>
      [...repositories]
        .flatMap(([name, { manifests }]) => (manifests.size > 0 ? [name] : []))
        .toSorted(),
    hasRepository: (repository) => (repositories.get(repository)?.manifests.size ?? 0) > 0,
    tags: (repository) => sortedTags(repositories.get(repository)),
    findTag(repository, tag) {
      const digest = repositories.get(repository)?.tags.get(tag);
      return digest === undefined ? undefined : findManifest(repository, digest);
    },
    findManifest,
    async putManifest(name, record, tags) {
      const repository = getOrMake(repositories, name);
      repository.manifests.set(record.digest, record);
      for (const tag of tags) repository.tags.set(tag, record.digest);
      if (record.referrer !== undefined) addReferrer(repository, record.referrer);
    },
    deleteTag: async (repository, tag) => repositories.get(repository)?.tags.delete(tag) ?? false,
    deleteManifest: async (repository, digest) =>
      deleteManifest(repositories.get(repository), digest),
    referrers: (repository, subject) => [
      ...(repositories.get(repository)?.referrers.get(subject)?.values() ?? []),
    ],
    hasBlob: (repository, digest) => repositories.get(repository)?.blobs.has(digest) ?? false,
    *repositoriesWithBlob(digest) {
      for (const [name, { blobs }] of repositories) if (blobs.has(digest)) yield name;
    },
    addBlob: async (repository, digest) =>
      void getOrMake(repositories, repository).blobs.add(digest),
    removeBlob: async (repository, digest) =>
      repositories.get(repository)?.blobs.delete(digest) ?? false,
  };
}

function sortedTags(repository: Repository | undefined): readonly string[] | undefined {
  return repository === undefined ? undefined : [...repository.tags.keys()].toSorted();
}

function getOrMake(repositories: Map<string, Repository>, name: string): Repository {
  const known = repositories.get(name);
  if (known !== undefined) return known;
  const made = {
    manifests: new Map(),
    tags: new Map(),
    blobs: new Set<Digest>(),
    referrers: new Map(),
  };
  repositories.set(name, made);
  return made;
}

function addReferrer(
  repository: Repository,
  { subject, descriptor }: NonNullable<ManifestRecord["referrer"]>,
): void {
  const known = repository.referrers.get(subject);
  if (known === undefined) {
    repository.referrers.set(subject, new Map([[descriptor.digest, descriptor]]));
  } else {
    known.set(descriptor.digest, descriptor);
  }
}

function deleteManifest(repository: Repository | undefined, digest: Digest): boolean {
  const record = repository?.manifests.get(digest);
  if (repository === undefined || record === undefined) return false;
  repository.manifests.delete(digest);
  for (const [tag, target] of repository.tags) {
    if (target === digest) repository.tags.delete(tag);
  }
  if (record.referrer !== undefined) {
    repository.referrers.get(record.referrer.subject)?.delete(digest);
  }
  return true;
}
