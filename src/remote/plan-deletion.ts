import { mapLimited } from "../base/map-limited.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { isIndexType } from "../oci/media-types.ts";
import type { RemoteRegistry } from "./open-registry.ts";
import { isReferrersTag } from "./manifests/referrers-tag.ts";

/** What goes with one tag or digest. */
export type Deletion = {
  readonly repository: string;
  /** The tag or digest as it was asked for. */
  readonly reference: string;
  /** Of its manifest. */
  readonly digest: Digest;
  /** Whether the manifest goes, or only the tag. */
  readonly manifest: "deleted" | "kept";
  /** The tags that go. */
  readonly tags: readonly string[];
  /** Tags that stay and need the manifest: they stand for it, or for an index that has it. */
  readonly neededBy: readonly string[];
};

export type DeletionPlan = {
  readonly deletions: readonly Deletion[];
  /** References that there are not. */
  readonly missing: readonly string[];
};

type DeletionOptions = {
  /** Deletes tags only, whether or not anything needs what they stand for. */
  readonly keepManifest: boolean;
};

/** Requests at a time. */
const parallel = 8;

/**
 * Finds out what deleting tags and digests of one repository means: a tag's manifest goes when nothing else needs it.
 * Only tags are asked: an index without a tag, which no list shows, protects nothing.
 * @throws HiveError
 */
export async function planDeletion(
  registry: RemoteRegistry,
  repository: string,
  references: readonly string[],
  { keepManifest }: DeletionOptions,
): Promise<DeletionPlan> {
  const wanted = [...new Set(references)];
  // What nobody could find out about needs no list of all tags.
  const onlyTags = keepManifest && !wanted.some(isDigest);
  const known = onlyTags ? [] : await Array.fromAsync(registry.tags(repository, "empty"));
  const all = [...new Set([...known, ...wanted])];
  const found = new Map<string, Descriptor>();
  await mapLimited(all, parallel, async (reference) => {
    const descriptor = await registry.headManifest(repository, reference);
    if (descriptor !== undefined) found.set(reference, descriptor);
  });

  const missing = wanted.filter((reference) => !found.has(reference));
  const digests = new Set<string>(wanted.filter(isDigest));
  const tags = [...found].filter(([reference]) => !isDigest(reference));
  const staying = tags.filter(([tag, { digest }]) => !wanted.includes(tag) && !digests.has(digest));
  const needs = onlyTags
    ? new Map<Digest, string[]>()
    : await findNeeds(registry, repository, staying);

  const deletions = wanted.flatMap((reference): Deletion[] => {
    const digest = found.get(reference)?.digest;
    if (digest === undefined) return [];
    const neededBy = (needs.get(digest) ?? [])
      // A list of referrers needs nothing: what goes is taken off it.
      .filter((tag) => !(isDigest(reference) && isReferrersTag(tag)))
      .toSorted();
    const goes = isDigest(reference) || (!keepManifest && neededBy.length === 0);
    const gone = isDigest(reference)
      ? tags.filter(([, descriptor]) => descriptor.digest === digest).map(([tag]) => tag)
      : [reference];
    const manifest = goes ? "deleted" : "kept";
    return [{ repository, reference, digest, manifest, tags: gone.toSorted(), neededBy }];
  });
  return { deletions, missing };
}

/** Does what was planned; yields each deletion when it is done. @throws HiveError */
export async function* applyDeletions(
  registry: RemoteRegistry,
  deletions: readonly Deletion[],
): AsyncGenerator<Deletion> {
  for (const deletion of deletions) {
    const { repository, digest, manifest, tags } = deletion;
    if (manifest === "deleted") await registry.deleteManifest(repository, digest);
    for (const tag of tags) {
      // Registries should remove a manifest's tags with it; what points elsewhere by now is somebody else's.
      const now = await registry.headManifest(repository, tag);
      if (now?.digest === digest) await registry.deleteTag(repository, tag);
    }
    yield deletion;
  }
}

/** Which tags need which manifests, through indexes too. */
async function findNeeds(
  registry: RemoteRegistry,
  repository: string,
  tags: readonly (readonly [string, Descriptor])[],
): Promise<Map<Digest, string[]>> {
  const needs = new Map<Digest, string[]>();
  const indexes = new Map<Digest, Promise<readonly Descriptor[]>>();
  const childrenOf = ({ digest, mediaType }: Descriptor): Promise<readonly Descriptor[]> => {
    if (!isIndexType(mediaType)) return Promise.resolve([]);
    const known = indexes.get(digest) ?? readIndex(registry, repository, digest);
    indexes.set(digest, known);
    return known;
  };
  await mapLimited(tags, parallel, async ([tag, root]) => {
    const seen = new Set<Digest>();
    const pending = [root];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (seen.has(next.digest)) continue;
      seen.add(next.digest);
      needs.set(next.digest, [...(needs.get(next.digest) ?? []), tag]);
      pending.push(...(await childrenOf(next)));
    }
  });
  return needs;
}

async function readIndex(
  registry: RemoteRegistry,
  repository: string,
  digest: Digest,
): Promise<readonly Descriptor[]> {
  const found = await registry.findManifest(repository, digest);
  return found?.manifest.kind === "index" ? found.manifest.manifests : [];
}
