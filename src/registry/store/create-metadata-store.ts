import type { MetadataChange } from "./metadata-change.ts";
import { applyChange, type MetadataState } from "./metadata-state.ts";
import type { ManifestRecord, MetadataStore } from "./metadata-store.ts";
import type { RepositoryState } from "./repository-state.ts";

/** Where changes are written down before they are made. */
export type ChangeLog = {
  /** Throws when it can't be written, and then nothing is. */
  append(change: MetadataChange): void;
  /**
   * Resolves when all that was appended is durable. When it rejects, what was appended and was not durable is gone
   * from the log, and the `undo` of each was called, the last one first.
   */
  settle(undo?: () => void): Promise<void>;
};

/** A store that answers from `state`, and writes changes to `log` first. */
export function createMetadataStore(state: MetadataState, log: ChangeLog): MetadataStore {
  const { repositories, listed } = state;
  const find = (name: string): RepositoryState | undefined => repositories.get(name);
  // Everything up to the first wait happens at once: no other change can come between.
  const change = async (wanted: MetadataChange): Promise<void> => {
    log.append(wanted);
    await log.settle(applyChange(state, wanted));
  };
  return {
    repositories: () => listed.list(),
    allRepositories: () => repositories.keys(),
    repositoryCount: () => repositories.size,
    hasRepository: (repository) => repositories.has(repository),
    tags: (repository) => find(repository)?.tagNames.list(),
    findTag(repository, tag) {
      const found = find(repository);
      const digest = found?.tags.get(tag);
      return digest === undefined ? undefined : found?.manifests.get(digest)?.record;
    },
    findManifest: (repository, digest) => find(repository)?.manifests.get(digest)?.record,
    *manifests(repository) {
      for (const { record } of find(repository)?.manifests.values() ?? []) yield record;
    },
    untaggedSince(repository, digest) {
      const held = find(repository)?.manifests.get(digest);
      return (held?.tags?.size ?? 0) > 0 ? undefined : held?.since;
    },
    pushedAt: (repository, digest) => find(repository)?.manifests.get(digest)?.pushed,
    async putManifest(repository, record, tags) {
      const held = find(repository);
      if (held !== undefined && isSame(held, record, tags)) return await log.settle();
      await change({ op: "put", repository, record, tags, at: Date.now() });
    },
    async deleteTag(repository, tag) {
      if (find(repository)?.tags.has(tag) !== true) return false;
      await change({ op: "untag", repository, tag, at: Date.now() });
      return true;
    },
    async deleteManifest(repository, digest) {
      if (find(repository)?.manifests.has(digest) !== true) return false;
      await change({ op: "delete", repository, digest });
      return true;
    },
    referrers: (repository, subject) => [
      ...(find(repository)?.referrers.get(subject)?.values() ?? []),
    ],
    hasBlob: (repository, digest) => find(repository)?.blobs.has(digest) ?? false,
    blobs: (repository) => find(repository)?.blobs ?? [],
    isKnown(digest) {
      for (const { manifests, blobs } of repositories.values()) {
        if (manifests.has(digest) || blobs.has(digest)) return true;
      }
      return false;
    },
    *repositoriesWithBlob(digest) {
      for (const [name, { blobs }] of repositories) if (blobs.has(digest)) yield name;
    },
    async addBlob(repository, digest) {
      if (find(repository)?.blobs.has(digest) === true) return await log.settle();
      await change({ op: "link", repository, blobs: [digest] });
    },
    async removeBlob(repository, digest) {
      if (find(repository)?.blobs.has(digest) !== true) return false;
      await change({ op: "unlink", repository, blobs: [digest] });
      return true;
    },
    settled: () => log.settle(),
  };
}

/** Whether a push would change nothing, as those that are repeated. One without tags restarts the manifest's time. */
function isSame(held: RepositoryState, record: ManifestRecord, tags: readonly string[]): boolean {
  return (
    tags.length > 0 &&
    held.manifests.get(record.digest)?.record.mediaType === record.mediaType &&
    tags.every((tag) => held.tags.get(tag) === record.digest)
  );
}
