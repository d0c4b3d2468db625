import { type BlobStore, readBlob } from "./blob-store.ts";
import { type Descriptor, isRecord } from "./descriptor.ts";
import type { Digest } from "./digest.ts";
import { type ImageManifest, type Manifest, manifestContent, parseManifest } from "./manifest.ts";
import { formatPlatform } from "./platform.ts";

/** What is worth knowing of an image in a store. */
export type BuiltImage = {
  /** `base:1.0`. */
  readonly reference: string;
  readonly digest: Digest;
  readonly platforms: readonly string[];
  /** Bytes of everything it consists of, each blob once. */
  readonly size: number;
  /** RFC 3339, from the image's configuration; the newest of several. */
  readonly created?: string;
};

/** Manifests and configurations are read whole; what is bigger than this is neither. */
const documentLimit = 8 * 1024 * 1024;

/**
 * Reads an image's manifests and configurations.
 * @throws Error when a part of it is missing or damaged.
 */
export async function describeImage(
  blobs: BlobStore,
  image: { readonly name: string; readonly descriptor: Descriptor },
): Promise<BuiltImage> {
  const sizes = new Map<Digest, number>();
  const platforms: string[] = [];
  const created: string[] = [];
  for await (const manifest of manifestsOf(blobs, image.descriptor, sizes)) {
    for (const { digest, size } of manifestContent(manifest)) sizes.set(digest, size);
    const config = await readConfig(blobs, manifest);
    platforms.push(config.platform);
    if (config.created !== undefined) created.push(config.created);
  }
  const newest = created.toSorted().at(-1);
  return {
    reference: image.name,
    digest: image.descriptor.digest,
    platforms,
    size: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    ...(newest === undefined ? {} : { created: newest }),
  };
}

async function* manifestsOf(
  blobs: BlobStore,
  descriptor: Descriptor,
  sizes: Map<Digest, number>,
): AsyncGenerator<ImageManifest> {
  const manifest: Manifest = parseManifest(
    await readDocument(blobs, descriptor.digest),
    descriptor.mediaType,
  );
  sizes.set(descriptor.digest, descriptor.size);
  if (manifest.kind === "image") yield manifest;
  else for (const child of manifest.manifests) yield* manifestsOf(blobs, child, sizes);
}

async function readConfig(
  blobs: BlobStore,
  { config }: ImageManifest,
): Promise<{ platform: string; created?: string }> {
  const document: unknown = JSON.parse(
    new TextDecoder().decode(await readDocument(blobs, config.digest)),
  );
  const fields = isRecord(document) ? document : {};
  const text = (name: string): string | undefined =>
    typeof fields[name] === "string" ? fields[name] : undefined;
  const [os = "unknown", architecture = "unknown", variant, created] = [
    text("os"),
    text("architecture"),
    text("variant"),
    text("created"),
  ];
  return {
    platform: formatPlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) }),
    ...(created === undefined ? {} : { created }),
  };
}

async function readDocument(blobs: BlobStore, digest: Digest): Promise<Uint8Array> {
  const bytes = await readBlob(blobs, digest, documentLimit);
  if (bytes === undefined) throw new Error(`Cannot read ${digest}: it is not in the store`);
  return bytes;
}
