import { type BlobStore, readBlob } from "../../oci/blob-store.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type Manifest, parseManifest } from "../../oci/manifest.ts";
import { isAnyManifestType } from "../../oci/media-types.ts";
import { parseReference } from "../../oci/reference.ts";
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
  { repository, tag }: ImageReference,
  root: Descriptor,
  link: boolean,
): Promise<void> {
  const pending: Descriptor[] = [root];
  const seen = new Set<string>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next.digest)) continue;
    seen.add(next.digest);
    if (!isAnyManifestType(next.mediaType)) continue;
    const found = await tryRead(blobs, next);
    if (found === undefined) continue;
    const { manifest, size } = found;
    const record = manifestRecord(manifest, next.digest, size);
    await metadata.putManifest(repository, record, next === root ? [tag] : []);
    if (manifest.kind === "index") pending.push(...manifest.manifests);
    for (const digest of link ? record.content : []) {
      if (blobs.find(digest) !== undefined) await metadata.addBlob(repository, digest);
    }
  }
}

/** Undefined for what is missing, damaged or out of size: the next build makes it anew. */
async function tryRead(
  blobs: BlobStore,
  { digest, mediaType }: Descriptor,
): Promise<{ readonly manifest: Manifest; readonly size: number } | undefined> {
  try {
    const bytes = await readBlob(blobs, digest, maxManifestSize);
    return bytes && { manifest: parseManifest(bytes, mediaType), size: bytes.byteLength };
  } catch {
    return undefined;
  }
}

type ImageReference = { readonly repository: string; readonly tag: string };

/** What a name in a layout is to a registry; undefined when it is no `name:tag`. */
export function imageReference(name: string): ImageReference | undefined {
  try {
    const { registry, repository, tag } = parseReference(name);
    return registry === undefined && tag !== undefined ? { repository, tag } : undefined;
  } catch {
    return undefined;
  }
}
