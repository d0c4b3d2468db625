import { readBlob } from "../oci/blob-store.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageLayout } from "../oci/layout.ts";
import { imageSize, manifestContent, parseManifest } from "../oci/manifest.ts";
import type { Platform } from "../oci/platform.ts";

/** An image in the store: how it is listed, and its bytes as they are transferred. */
export type StoredImage = { readonly descriptor: Descriptor; readonly size: number };

/** Manifests are small; what is bigger is none. */
const manifestLimit = 4 * 1024 * 1024;

/**
 * The image manifest with this digest, if all that it consists of is there in its full size.
 * @throws ContentMismatch when the manifest was damaged, SyntaxError when it is none.
 */
export async function findStoredImage(
  layout: ImageLayout,
  digest: Digest,
  platform: Platform,
): Promise<StoredImage | undefined> {
  const bytes = await readBlob(layout.blobs, digest, manifestLimit);
  if (bytes === undefined) return undefined;
  const manifest = parseManifest(bytes);
  if (manifest.kind !== "image") return undefined;
  const isWhole = manifestContent(manifest).every(
    (part) => layout.blobs.find(part.digest)?.size === part.size,
  );
  if (!isWhole) return undefined;
  return {
    descriptor: { mediaType: manifest.mediaType, digest, size: bytes.length, platform },
    size: imageSize(manifest, bytes.length),
  };
}
