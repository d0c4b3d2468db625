import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { json } from "../../oci/support/sample-image.ts";
import type { RegistryFixture } from "./registry-client.ts";

export type Pushed = { readonly bytes: Uint8Array<ArrayBuffer>; readonly digest: string };

const manifestHeaders = { "Content-Type": mediaTypes.ociManifest };

const descriptor = (digest: string, size: number, mediaType: string): object => ({
  mediaType,
  digest,
  size,
});

/** The manifest of an image whose config and layer are in the registry, ready to be pushed. */
export async function image(
  r: RegistryFixture,
  extra: Readonly<Record<string, unknown>> = {},
  repository = "a",
): Promise<Pushed> {
  const config = await r.blob(repository, "{}");
  const layer = await r.blob(repository, "layer");
  const bytes = json({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptor(config, 2, mediaTypes.ociConfig),
    layers: [descriptor(layer, 5, "application/vnd.oci.image.layer.v1.tar")],
    ...extra,
  });
  return { bytes, digest: digestOf(bytes) };
}

/** Pushes a manifest to `path`. */
export async function push(r: RegistryFixture, path: string, { bytes }: Pushed): Promise<Response> {
  return await r.send("PUT", path, { body: bytes, headers: manifestHeaders });
}
