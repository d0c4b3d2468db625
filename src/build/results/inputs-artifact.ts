import { type PublishedRecord, publishedRecord } from "../../inputs/published-inputs.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type Digest, digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";

/** The type of artifacts that say what the image they refer to was made of. */
export const inputsType = "application/vnd.hive.inputs.v1+json";

/** The annotation with the key of the inputs: the list of what refers to an image tells it, without another question. */
const keyAnnotation = "dev.hive.inputs.key";

/** A small artifact: its manifest, and the blobs that the manifest names. */
export type InputsArtifact = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[];
};

/**
 * The artifact that keeps, beside an image, what it was made of. The same image and inputs give the same bytes.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage}
 */
export function inputsArtifact(record: PublishedRecord, image: Descriptor): InputsArtifact {
  const config = blobOf(mediaTypes.ociEmpty, "{}");
  const layer = blobOf(inputsType, JSON.stringify(publishedRecord(record)));
  const { mediaType, digest, size } = image;
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: inputsType,
    config: config.descriptor,
    layers: [layer.descriptor],
    subject: { mediaType, digest, size },
    annotations: { [keyAnnotation]: record.key },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  return {
    digest: digestOf(bytes),
    mediaType: mediaTypes.ociManifest,
    bytes,
    blobs: [config, layer],
  };
}

/**
 * The keys of the inputs that gave an image, as what refers to it says. The annotation counts alone: some registries list
 * another type than the artifact's.
 */
export function keysAmong(referrers: readonly Descriptor[]): ReadonlySet<string> {
  return new Set(referrers.flatMap(({ annotations }) => annotations?.[keyAnnotation] ?? []));
}

function blobOf(mediaType: string, text: string): InputsArtifact["blobs"][number] {
  const bytes = new TextEncoder().encode(text);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}
