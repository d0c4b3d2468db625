import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ManifestRecord } from "./metadata-store.ts";
import { createSortedNames, type SortedNames } from "./sorted-names.ts";

/** One repository in memory. Changed only by the functions of this file, which keep its parts consistent. */
export type RepositoryState = {
  readonly manifests: Map<Digest, HeldManifest>;
  readonly tags: Map<string, Digest>;
  readonly tagNames: SortedNames;
  readonly blobs: Set<Digest>;
  /** By subject. */
  readonly referrers: Map<Digest, Map<Digest, Descriptor>>;
};

type HeldManifest = {
  readonly record: ManifestRecord;
  /** Undefined: none. Most have one or two. */
  tags: Set<string> | undefined;
  /** When it was put or lost a tag last. */
  since: number;
  /** When it was last given a tag, else when it was first put. */
  readonly pushed: number;
};

/** A repository that has nothing. */
export function emptyRepository(): RepositoryState {
  const tags = new Map<string, Digest>();
  return {
    manifests: new Map(),
    tags,
    tagNames: createSortedNames(tags),
    blobs: new Set(),
    referrers: new Map(),
  };
}

/** Adds a manifest, or changes what is known of it; its tags stay. */
export function setManifest(
  state: RepositoryState,
  record: ManifestRecord,
  { since, pushed }: Pick<HeldManifest, "since" | "pushed">,
): void {
  const before = state.manifests.get(record.digest);
  if (before !== undefined) removeReferrer(state, before.record);
  state.manifests.set(record.digest, { record, tags: before?.tags, since, pushed });
  if (record.referrer === undefined) return;
  const { subject, descriptor } = record.referrer;
  const known = state.referrers.get(subject);
  if (known === undefined) state.referrers.set(subject, new Map([[record.digest, descriptor]]));
  else known.set(record.digest, descriptor);
}

/** Removes a manifest that no tag points to. */
export function dropManifest(state: RepositoryState, { record }: HeldManifest): void {
  state.manifests.delete(record.digest);
  removeReferrer(state, record);
}

/** Points a tag to a manifest that is there or, for undefined, removes it. */
export function setTag(
  state: RepositoryState,
  tag: string,
  target: Digest | undefined,
  at: number,
): void {
  const before = state.tags.get(tag);
  if (before === target) return;
  const left = before === undefined ? undefined : state.manifests.get(before);
  if (left !== undefined) {
    left.tags?.delete(tag);
    left.since = at;
  }
  if (target === undefined) {
    state.tags.delete(tag);
  } else {
    state.tags.set(tag, target);
    const held = state.manifests.get(target);
    if (held !== undefined) (held.tags ??= new Set()).add(tag);
  }
  state.tagNames.changed(tag);
}

function removeReferrer(state: RepositoryState, { digest, referrer }: ManifestRecord): void {
  if (referrer === undefined) return;
  const known = state.referrers.get(referrer.subject);
  known?.delete(digest);
  if (known?.size === 0) state.referrers.delete(referrer.subject);
}
