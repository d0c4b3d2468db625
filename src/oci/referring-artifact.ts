import type { Descriptor } from "./descriptor.ts";
import { type Digest, digestOf } from "./digest.ts";
import { mediaTypes } from "./media-types.ts";

/** A small artifact: its manifest, and the blobs that the manifest names. */
export type Artifact = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[];
};

type ArtifactOptions = {
  /** The type of the artifact, and of its one layer. */
  readonly type: string;
  /** What it holds; becomes JSON. */
  readonly content: unknown;
  /** What it refers to. */
  readonly subject: Descriptor;
  /** Lists of what refers to an image have these, so that they tell without another question. */
  readonly annotations: Readonly<Record<string, string>>;
};

/**
 * An artifact that says something about an image. The same options give the same bytes.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage}
 */
export function createReferringArtifact({
  type,
  content,
  subject,
  annotations,
}: ArtifactOptions): Artifact {
  const config = blobOf(mediaTypes.ociEmpty, "{}");
  const layer = blobOf(type, JSON.stringify(content));
  const { mediaType, digest, size } = subject;
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: type,
    config: config.descriptor,
    layers: [layer.descriptor],
    subject: { mediaType, digest, size },
    annotations,
  };
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  return {
    digest: digestOf(bytes),
    mediaType: mediaTypes.ociManifest,
    bytes,
    blobs: [config, layer],
  };
}

function blobOf(mediaType: string, text: string): Artifact["blobs"][number] {
  const bytes = new TextEncoder().encode(text);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}
