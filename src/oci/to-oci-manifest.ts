import { isRecord } from "../base/is-record.ts";
import { mediaTypes } from "./media-types.ts";

/**
 * A Docker schema 2 image manifest as OCI has it: other media types, and the same config and layers, whose bytes both share.
 * Manifests of other kinds stay as they are.
 * @throws SyntaxError for what is no JSON object
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md#compatibility-matrix}
 */
export function toOciManifest(bytes: Uint8Array): Uint8Array {
  const manifest: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!isRecord(manifest)) throw new SyntaxError("the manifest is no JSON object");
  if (manifest["mediaType"] !== mediaTypes.dockerManifest) return bytes;
  const { config, layers } = manifest;
  const converted = {
    ...manifest,
    mediaType: mediaTypes.ociManifest,
    config: convert(config),
    layers: Array.isArray(layers) ? layers.map(convert) : layers,
  };
  return new TextEncoder().encode(JSON.stringify(converted));
}

function convert(descriptor: unknown): unknown {
  if (!isRecord(descriptor)) return descriptor;
  const { mediaType } = descriptor;
  return typeof mediaType === "string"
    ? { ...descriptor, mediaType: ociTypes.get(mediaType) ?? mediaType }
    : descriptor;
}

const docker = "application/vnd.docker.image.rootfs";
const oci = "application/vnd.oci.image.layer";

/** Docker's name -> OCI's. */
const ociTypes: ReadonlyMap<string, string> = new Map([
  [mediaTypes.dockerConfig, mediaTypes.ociConfig],
  [`${docker}.diff.tar`, `${oci}.v1.tar`],
  [`${docker}.diff.tar.gzip`, `${oci}.v1.tar+gzip`],
  [`${docker}.diff.tar.zstd`, `${oci}.v1.tar+zstd`],
  [`${docker}.foreign.diff.tar`, `${oci}.nondistributable.v1.tar`],
  [`${docker}.foreign.diff.tar.gzip`, `${oci}.nondistributable.v1.tar+gzip`],
]);
