import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { type Manifest, manifestContent } from "../../oci/manifest.ts";
import type { ManifestRecord } from "./metadata-store.ts";

// Records stay in memory, and annotations may be as big as the manifest; so may a type, where nobody looked at it.
const abridgedFrom = 4 * 1024;
const longestType = 255;

/** What the metadata store keeps of a manifest. */
export function manifestRecord(manifest: Manifest, digest: Digest, size: number): ManifestRecord {
  const content = [...new Set(manifestContent(manifest).map((needed) => needed.digest))];
  const record = { digest, mediaType: manifest.mediaType, size, content };
  if (manifest.subject === undefined) return record;
  const descriptor = referrerDescriptor(manifest, record);
  return {
    ...record,
    referrer: {
      subject: manifest.subject.digest,
      descriptor: isAbridged(record) ? abridged(descriptor) : descriptor,
    },
  };
}

function abridged({ mediaType, digest, size, artifactType }: Descriptor): Descriptor {
  const isKept = artifactType !== undefined && artifactType.length <= longestType;
  return { mediaType, digest, size, ...(isKept ? { artifactType } : {}) };
}

/** Whether a record's descriptor of a manifest of this size is not whole: annotations are in the manifest. */
export function isAbridged({ size }: { readonly size: number }): boolean {
  return size > abridgedFrom;
}

/**
 * How a list of referrers shows the manifest.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers}
 */
export function referrerDescriptor(
  manifest: Manifest,
  { mediaType, digest, size }: Pick<ManifestRecord, "mediaType" | "digest" | "size">,
): Descriptor {
  const artifactType = artifactTypeOf(manifest);
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
}

/** An image without one is of the type of its config; an empty one counts as none. */
export function artifactTypeOf(manifest: Manifest): string | undefined {
  if (manifest.artifactType !== undefined && manifest.artifactType !== "") {
    return manifest.artifactType;
  }
  return manifest.kind === "image" ? manifest.config.mediaType : undefined;
}
