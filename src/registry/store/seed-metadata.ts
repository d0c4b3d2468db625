import { type BlobStore, readBlob } from "../../oci/blob-store.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { parseManifest } from "../../oci/manifest.ts";
import { isIndexType, isManifestType } from "../../oci/media-types.ts";
import { parseReference, type Reference } from "../../oci/reference.ts";
import { maxManifestSize } from "../../oci/resolve-image.ts";
import { manifestRecord } from "./manifest-record.ts";
import type { MetadataStore } from "./metadata-store.ts";

export type NamedDescriptor = { readonly name: string; readonly descriptor: Descriptor };

type SeedOptions = {
  /** Whether repositories get links to the blobs of their images. Default: not, as where all repositories share them. */
  readonly link?: boolean;
};

/**
 * Makes known what an image layout names: `base:1.0` becomes tag `1.0` of repository `base`, with the children of
 * indexes. Names that are no `name:tag`, and images that are not whole, are left out.
 */
export async function seedMetadata(
  metadata: MetadataStore,
  blobs: BlobStore,
  references: readonly NamedDescriptor[],
  { link = false }: SeedOptions = {},
): Promise<void> {
  for (const { name, descriptor } of references) {
    const reference = imageReference(name);
    if (reference === undefined) continue;
    await seedImage(metadata, blobs, reference, descriptor, link);
  }
}

async function seedImage(
  metadata: MetadataStore,
  blobs: BlobStore,
  { repository, tag }: { readonly repository: string; readonly tag?: string },
  root: Descriptor,
  link: boolean,
): Promise<void> {
  const pending: Descriptor[] = [root];
  const seen = new Set<string>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next.digest)) continue;
    seen.add(next.digest);
    if (!isManifestType(next.mediaType) && !isIndexType(next.mediaType)) continue;
    const bytes = await tryRead(blobs, next);
    if (bytes === undefined) continue;
    const manifest = tryParse(bytes, next.mediaType);
    if (manifest === undefined) continue;
    const record = manifestRecord(manifest, next.digest, bytes.byteLength);
    await metadata.putManifest(repository, record, next === root && tag !== undefined ? [tag] : []);
    if (manifest.kind === "index") pending.push(...manifest.manifests);
    for (const digest of link ? record.content : []) {
      if (blobs.find(digest) !== undefined) await metadata.addBlob(repository, digest);
    }
  }
}

async function tryRead(blobs: BlobStore, { digest }: Descriptor): Promise<Uint8Array | undefined> {
  try {
    return await readBlob(blobs, digest, maxManifestSize);
  } catch {
    // Damaged or out of size: the next build makes it anew.
    return undefined;
  }
}

function tryParse(
  bytes: Uint8Array,
  mediaType: string,
): ReturnType<typeof parseManifest> | undefined {
  try {
    return parseManifest(bytes, mediaType);
  } catch {
    return undefined;
  }
}

/** What a name in a layout is to a registry; undefined when it is no `name:tag`. */
export function imageReference(name: string): Reference | undefined {
  try {
    const reference = parseReference(name);
    return reference.registry === undefined && reference.tag !== undefined ? reference : undefined;
  } catch {
    return undefined;
  }
}
