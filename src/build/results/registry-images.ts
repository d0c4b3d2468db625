import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { imageSize, manifestContent } from "../../oci/manifest.ts";
import { isIndexType, isNonDistributable } from "../../oci/media-types.ts";
import type { Platform } from "../../oci/platform.ts";
import type { RemoteManifest } from "../../remote/manifests.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { StoredImage } from "../stored-image.ts";
import { keysAmong } from "./inputs-artifact.ts";

/** An image of one platform under a tag, and the keys of inputs that gave it. */
export type TaggedImage = {
  readonly tag: string;
  readonly digest: Digest;
  readonly keys: ReadonlySet<string>;
};

/** Asks a registry for images and what they were made of. Everything throws HiveError as the registry does. */
export type RegistryImages = {
  /** What a tag stands for; undefined when there is none, or no image of one platform. */
  tagged(repository: string, tag: string): Promise<TaggedImage | undefined>;
  /** The image that was just pushed. */
  pushed(repository: string, digest: Digest, platform: Platform): Promise<StoredImage>;
  /** The image with its manifest, if all that it consists of is there: a tag may outlive what it stands for. */
  whole(repository: string, digest: Digest, platform: Platform): Promise<WholeImage | undefined>;
};

export type WholeImage = StoredImage & { readonly manifest: RemoteManifest };

/** @param parallel limits how many requests are made at a time */
export function registryImages(
  registry: RemoteRegistry,
  parallel: <T>(request: () => Promise<T>) => Promise<T>,
): RegistryImages {
  /** Layers that many images share are looked for once. */
  const known = new Map<string, Promise<boolean>>();

  function hasBlob(repository: string, descriptor: Descriptor): Promise<boolean> {
    const key = `${repository}@${descriptor.digest}`;
    const found =
      known.get(key) ?? parallel(async () => await registry.hasBlob(repository, descriptor));
    known.set(key, found);
    return found;
  }

  return {
    async tagged(repository, tag) {
      const found = await parallel(async () => await registry.headManifest(repository, tag));
      if (found === undefined || isIndexType(found.mediaType)) return undefined;
      const { digest } = found;
      const referrers = await parallel(async () => await registry.referrers(repository, digest));
      return { tag, digest, keys: keysAmong(referrers) };
    },
    async pushed(repository, digest, platform) {
      return imageOf(await parallel(async () => registry.manifest(repository, digest)), platform);
    },
    async whole(repository, digest, platform) {
      const found = await parallel(async () => await registry.findManifest(repository, digest));
      if (found === undefined || found.manifest.kind !== "image") return undefined;
      const blobs = manifestContent(found.manifest).filter(
        ({ mediaType }) => !isNonDistributable(mediaType),
      );
      const there = await Promise.all(blobs.map(async (blob) => await hasBlob(repository, blob)));
      return there.every(Boolean) ? { ...imageOf(found, platform), manifest: found } : undefined;
    },
  };
}

function imageOf({ descriptor, manifest }: RemoteManifest, platform: Platform): StoredImage {
  const size = manifest.kind === "image" ? imageSize(manifest, descriptor.size) : descriptor.size;
  return { descriptor: { ...descriptor, platform }, size };
}
