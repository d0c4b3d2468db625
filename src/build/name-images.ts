import { storeBlob } from "../oci/blob-store.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { createImageIndex } from "../oci/image-index.ts";
import type { ImageLayout } from "../oci/layout.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";

/**
 * What the name of a reference stands for. Where the project lists several platforms it is an index, which is stored,
 * also while there is only one of them yet: no client then takes the image of one platform for that of another.
 * @param images by platform; what the project no longer lists stays out
 * @param listed the platforms that the project lists; none: the images that there are
 */
export async function nameImages(
  layout: ImageLayout,
  images: ReadonlyMap<string, Descriptor>,
  listed: readonly Platform[],
): Promise<Descriptor> {
  const wanted = new Set(listed.map(formatPlatform));
  const kept = [...images].filter(([platform]) => wanted.size === 0 || wanted.has(platform));
  const [only] = kept;
  if (only !== undefined && kept.length === 1 && wanted.size < 2) return only[1];
  const { descriptor, bytes } = createImageIndex(kept.map(([, image]) => image));
  // Mostly it is there: of what did not change nothing need be written.
  if (layout.blobs.find(descriptor.digest) === undefined) await storeBlob(layout.blobs, bytes);
  return descriptor;
}
