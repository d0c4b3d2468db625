import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageLayout } from "../oci/layout.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import { readManifest } from "../oci/resolve-image.ts";
import { type FindStoredImage, storedImageFinder } from "./stored-image.ts";

/**
 * The images that a reference has in the store, by platform (`linux/arm64`). What is not whole is not among them: to
 * whoever wants to name it again it is as if it was never built.
 */
export async function storedPlatforms(
  layout: ImageLayout,
  reference: string,
): Promise<ReadonlyMap<string, Descriptor>> {
  const named = await layout.find(reference);
  if (named === undefined) return new Map();
  try {
    const manifest = await readManifest(layout.blobs, named);
    const listed = manifest.kind === "index" ? manifest.manifests : [named];
    const findStored = storedImageFinder(layout);
    const images = await Promise.all(
      listed.map(
        async ({ digest, platform }) => platform && (await findImage(findStored, digest, platform)),
      ),
    );
    return new Map(images.filter((image) => image !== undefined));
  } catch {
    return new Map();
  }
}

async function findImage(
  findStored: FindStoredImage,
  digest: Descriptor["digest"],
  platform: Platform,
): Promise<readonly [string, Descriptor] | undefined> {
  const image = await findStored(digest, platform);
  return image && [formatPlatform(platform), image.descriptor];
}
