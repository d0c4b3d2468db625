import { type Digest, digestOf } from "../../../../src/oci/digest.ts";
import { mediaTypes } from "../../../../src/oci/media-types.ts";
import type { ManifestRecord } from "../../../../src/registry/store/metadata-store.ts";

/** A record of an image manifest, other for each name. */
export function record(name: string, extra: Partial<ManifestRecord> = {}): ManifestRecord {
  return {
    digest: digestOf(name),
    mediaType: mediaTypes.ociManifest,
    size: name.length,
    content: [digestOf(`${name} config`), digestOf(`${name} layer`)],
    ...extra,
  };
}

/** One that refers to `subject`. */
export function referrer(name: string, subject: Digest): ManifestRecord {
  const plain = record(name);
  const { digest, mediaType, size } = plain;
  const descriptor = { digest, mediaType, size, artifactType: "text/x", annotations: { name } };
  return { ...plain, referrer: { subject, descriptor } };
}
