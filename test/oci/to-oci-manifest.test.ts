import { expect, test } from "bun:test";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { toOciManifest } from "../../src/oci/to-oci-manifest.ts";

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const digest = `sha256:${"a".repeat(64)}`;
const docker = "application/vnd.docker.image.rootfs";
const oci = "application/vnd.oci.image.layer";

test("toOciManifest() changes media types and nothing else", () => {
  const of = (mediaType: string, config: string, layers: readonly string[]): unknown => ({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: config, size: 7, digest },
    layers: layers.map((type, size) => ({ mediaType: type, size, digest, urls: ["x"] })),
  });
  const converted = toOciManifest(
    bytesOf(
      of(mediaTypes.dockerManifest, mediaTypes.dockerConfig, [
        `${docker}.diff.tar`,
        `${docker}.diff.tar.gzip`,
        `${docker}.diff.tar.zstd`,
        `${docker}.foreign.diff.tar.gzip`,
        "application/x-unheard-of",
        "constructor",
      ]),
    ),
  );
  expect(JSON.parse(new TextDecoder().decode(converted))).toEqual(
    of(mediaTypes.ociManifest, mediaTypes.ociConfig, [
      `${oci}.v1.tar`,
      `${oci}.v1.tar+gzip`,
      `${oci}.v1.tar+zstd`,
      `${oci}.nondistributable.v1.tar+gzip`,
      "application/x-unheard-of",
      "constructor",
    ]),
  );
});

test("toOciManifest() leaves other manifests as they are, byte for byte", () => {
  const index = bytesOf({ schemaVersion: 2, mediaType: mediaTypes.dockerList, manifests: [] });
  expect(toOciManifest(index)).toBe(index);
  const image = bytesOf({ mediaType: mediaTypes.ociManifest, config: {}, layers: [] });
  expect(toOciManifest(image)).toBe(image);
  expect(() => toOciManifest(bytesOf([]))).toThrow(SyntaxError);
});
