import type { Descriptor } from "./descriptor.ts";
import { digestOf } from "./digest.ts";
import { mediaTypes } from "./media-types.ts";

/** An index that is not stored anywhere yet. */
export type NewIndex = { readonly descriptor: Descriptor; readonly bytes: Uint8Array };

/**
 * The index of some images. The same images give the same bytes, in whatever order they come.
 * @param images manifests with their platforms
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md}
 */
export function createImageIndex(
  images: readonly Descriptor[],
  mediaType: string = mediaTypes.ociIndex,
): NewIndex {
  const manifests = images
    .map(({ mediaType: type, digest, size, platform }) => ({
      mediaType: type,
      digest,
      size,
      ...(platform === undefined ? {} : { platform }),
    }))
    .toSorted((a, b) => (platformKey(a) < platformKey(b) ? -1 : 1));
  const bytes = new TextEncoder().encode(
    JSON.stringify({ schemaVersion: 2, mediaType, manifests }),
  );
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}

function platformKey({ platform }: Pick<Descriptor, "platform">): string {
  return platform === undefined
    ? ""
    : [platform.os, platform.architecture, platform.variant ?? ""].join("/");
}
