import { readBlob } from "../oci/blob-store.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageLayout } from "../oci/layout.ts";
import { imageSize, parseManifest } from "../oci/manifest.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";

/** What a build put into the store: how it is listed, and its bytes as they are transferred. */
export type StoredImage = { readonly descriptor: Descriptor; readonly size: number };

/** Manifests are small; what is bigger is none. */
const manifestLimit = 4 * 1024 * 1024;

/**
 * Reads back the image that the daemon pushed.
 * @throws Error when the store does not have it as one image manifest: the push was not what we asked for.
 */
export async function readStoredImage(
  layout: ImageLayout,
  digest: Digest,
  platform: Platform,
): Promise<StoredImage> {
  const bytes = await readBlob(layout.blobs, digest, manifestLimit);
  if (bytes === undefined)
    throw new Error(`Internal error: the daemon reported ${digest} but pushed no such manifest`);
  const manifest = parseManifest(bytes);
  if (manifest.kind !== "image")
    throw new Error(`Internal error: ${digest} for ${formatPlatform(platform)} is an index`);
  return {
    descriptor: { mediaType: manifest.mediaType, digest, size: bytes.length, platform },
    size: imageSize(manifest, bytes.length),
  };
}
