import type { BlobStore } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Digest } from "./digest.ts";
import { manifestContent } from "./manifest.ts";
import { isAnyManifestType } from "./media-types.ts";
import { readManifest } from "./resolve-image.ts";

/**
 * Every descriptor that `roots` lead to, themselves included, each digest once. Entries that are not in the store, as
 * the children of a sparse index, are left out along with what they would lead to.
 * @throws HiveError when a manifest is damaged: what it needs is not known then.
 */
export async function reachableBlobs(
  blobs: BlobStore,
  roots: readonly Descriptor[],
): Promise<ReadonlyMap<Digest, Descriptor>> {
  const found = new Map<Digest, Descriptor>();
  const pending = [...roots];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next.digest) || blobs.find(next.digest) === undefined) continue;
    found.set(next.digest, next);
    if (!isAnyManifestType(next.mediaType)) continue;
    pending.push(...manifestContent(await readManifest(blobs, next)));
  }
  return found;
}
