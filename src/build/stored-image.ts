import { readBlob } from "../oci/blob-store.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageLayout } from "../oci/layout.ts";
import { imageSize, manifestContent, parseManifest } from "../oci/manifest.ts";
import type { Platform } from "../oci/platform.ts";

/** An image in the store: how it is listed, and its bytes as they are transferred. */
export type StoredImage = { readonly descriptor: Descriptor; readonly size: number };

/**
 * The image manifest with this digest, if all that it consists of is there in its full size.
 * Rejects with ContentMismatch when the manifest was damaged, SyntaxError when it is none.
 */
export type FindStoredImage = (
  digest: Digest,
  platform: Platform,
) => Promise<StoredImage | undefined>;

/** Manifests are small; what is bigger is none. */
const manifestLimit = 4 * 1024 * 1024;

/** Finds images in the store, for as long as nothing is removed from it: layers that many images share are looked for once. */
export function storedImageFinder({ blobs }: Pick<ImageLayout, "blobs">): FindStoredImage {
  const sizes = new Map<Digest, number>();
  const isThere = ({ digest, size }: Descriptor): boolean => {
    if (sizes.get(digest) === size) return true;
    const found = blobs.find(digest);
    if (found !== undefined) sizes.set(digest, found.size);
    return found?.size === size;
  };
  return async (digest, platform) => {
    const bytes = await readBlob(blobs, digest, manifestLimit);
    if (bytes === undefined) return undefined;
    const manifest = parseManifest(bytes);
    if (manifest.kind !== "image" || !manifestContent(manifest).every(isThere)) return undefined;
    return {
      descriptor: { mediaType: manifest.mediaType, digest, size: bytes.length, platform },
      size: imageSize(manifest, bytes.length),
    };
  };
}
