import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import type { ManifestRecord } from "./metadata-store.ts";

/** What the metadata store keeps of a manifest. */
export function manifestRecord(manifest: Manifest, digest: Digest, size: number): ManifestRecord {
  const record = { digest, mediaType: manifest.mediaType, size };
  if (manifest.subject === undefined) return record;
  return {
    ...record,
    referrer: {
      subject: manifest.subject.digest,
      descriptor: referrerDescriptor(manifest, record),
    },
  };
}

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers} */
function referrerDescriptor(manifest: Manifest, record: ManifestRecord): Descriptor {
  const { artifactType = manifest.kind === "image" ? manifest.config.mediaType : undefined } =
    manifest;
  return {
    mediaType: record.mediaType,
    digest: record.digest,
    size: record.size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
}
