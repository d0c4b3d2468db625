import { errorMessage } from "../base/error-message.ts";
import { HiveError } from "../base/hive-error.ts";
import { type BlobStore, readBlob } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Digest } from "./digest.ts";
import { type ImageConfig, parseImageConfig } from "./image-config.ts";
import { type ImageManifest, manifestContent } from "./manifest.ts";
import { readManifest } from "./resolve-image.ts";

/** What is worth knowing of an image in a store. */
export type ImageDescription = {
  /** `base:1.0`. */
  readonly reference: string;
  readonly digest: Digest;
  readonly platforms: readonly string[];
  /** Bytes of everything it consists of, each blob once. */
  readonly size: number;
  /** RFC 3339, from the image's configuration; the newest of several. */
  readonly created?: string;
};

// Configurations are read whole; what is bigger than this is none.
const configLimit = 8 * 1024 * 1024;

/**
 * Reads an image's manifests and configurations.
 * @throws HiveError when a manifest or a configuration is missing or damaged.
 */
export async function describeImage(
  blobs: BlobStore,
  image: { readonly name: string; readonly descriptor: Descriptor },
): Promise<ImageDescription> {
  const sizes = new Map<Digest, number>();
  const platforms: string[] = [];
  const created: string[] = [];
  for await (const manifest of manifestsOf(blobs, image.descriptor, sizes)) {
    for (const { digest, size } of manifestContent(manifest)) sizes.set(digest, size);
    const config = await readConfig(blobs, manifest, image.name);
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
  const manifest = await readManifest(blobs, descriptor);
  sizes.set(descriptor.digest, descriptor.size);
  if (manifest.kind === "image") yield manifest;
  else for (const child of manifest.manifests) yield* manifestsOf(blobs, child, sizes);
}

async function readConfig(
  blobs: BlobStore,
  { config }: ImageManifest,
  name: string,
): Promise<ImageConfig> {
  let problem = `blob ${config.digest} is missing`;
  try {
    const bytes = await readBlob(blobs, config.digest, configLimit);
    if (bytes !== undefined) return parseImageConfig(bytes);
  } catch (error) {
    problem = errorMessage(error);
  }
  throw new HiveError("failed", `Cannot read the configuration of "${name}": ${problem}`, {
    hint: "Build the image again.",
  });
}
