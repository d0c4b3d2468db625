import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { type BlobStore, storeBlob } from "../../../src/oci/blob-store.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { json } from "../../oci/support/sample-image.ts";

const layerType = "application/vnd.oci.image.layer.v1.tar";

/** Stores some bytes; their descriptor. */
export async function storeAs(
  store: BlobStore,
  mediaType: string,
  content: unknown,
): Promise<Descriptor> {
  const bytes = content instanceof Uint8Array ? content : json(content);
  const { digest, size } = await storeBlob(store, bytes);
  return { mediaType, digest, size };
}

/** Stores a layer of random bytes. */
export async function storeLayer(store: BlobStore, size = 2000): Promise<Descriptor> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return await storeAs(store, layerType, bytes);
}

type MadeImage = {
  readonly architecture?: string;
  readonly subject?: Descriptor;
  readonly artifactType?: string;
};

/** Stores an image manifest with these layers; its descriptor has its platform. */
export async function storeImage(
  store: BlobStore,
  layers: readonly Descriptor[],
  { architecture = "amd64", subject, artifactType }: MadeImage = {},
): Promise<Descriptor> {
  const platform = { os: "linux", architecture };
  const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => digest) };
  const config = await storeAs(store, mediaTypes.ociConfig, { ...platform, rootfs });
  const manifest = await storeAs(store, mediaTypes.ociManifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    ...(artifactType === undefined ? {} : { artifactType }),
    config,
    layers,
    ...(subject === undefined ? {} : { subject }),
  });
  return { ...manifest, platform };
}

/** Stores an index. */
export async function storeIndex(
  store: BlobStore,
  manifests: readonly Descriptor[],
): Promise<Descriptor> {
  const mediaType = mediaTypes.ociIndex;
  return await storeAs(store, mediaType, { schemaVersion: 2, mediaType, manifests });
}
