import { storeBlob } from "../../../src/oci/blob-store.ts";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { parseManifest } from "../../../src/oci/manifest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { manifestRecord } from "../../../src/registry/store/manifest-record.ts";
import type { RegistryStore } from "../../../src/registry/store/registry-store.ts";
import { json } from "../../oci/support/sample-image.ts";

type TestImage = {
  readonly repository: string;
  readonly tags?: readonly string[];
  /** Contents of the layers, from the bottom. */
  readonly layers?: readonly string[];
  readonly architecture?: string;
  /** More of the configuration, in place of what is there. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** More of the manifest, in place of what is there. */
  readonly manifest?: Readonly<Record<string, unknown>>;
};

const layerType = "application/vnd.oci.image.layer.v1.tar+gzip";

/** Puts an image into a repository, as a push does. */
export async function pushImage(store: RegistryStore, image: TestImage): Promise<Descriptor> {
  const { repository, layers = ["layer"], architecture = "amd64" } = image;
  const config = { os: "linux", architecture, created: new Date().toISOString(), ...image.config };
  return await pushManifest(store, repository, image.tags ?? [], {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: await pushBlob(store, repository, json(config), mediaTypes.ociConfig),
    layers: await Promise.all(
      layers.map((content) => pushBlob(store, repository, Buffer.from(content), layerType)),
    ),
    ...image.manifest,
  });
}

export async function pushIndex(
  store: RegistryStore,
  repository: string,
  tags: readonly string[],
  manifests: readonly Descriptor[],
): Promise<Descriptor> {
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
  return await pushManifest(store, repository, tags, index);
}

export async function pushBlob(
  store: RegistryStore,
  repository: string,
  content: Uint8Array,
  mediaType: string,
): Promise<Descriptor> {
  const { digest, size } = await storeBlob(store.blobs, content);
  await store.metadata.addBlob(repository, digest);
  return { mediaType, digest, size };
}

async function pushManifest(
  store: RegistryStore,
  repository: string,
  tags: readonly string[],
  document: Readonly<Record<string, unknown>>,
): Promise<Descriptor> {
  const bytes = json(document);
  const manifest = parseManifest(bytes);
  const { digest, size } = await storeBlob(store.blobs, bytes);
  await store.metadata.putManifest(repository, manifestRecord(manifest, digest, size), tags);
  return { mediaType: manifest.mediaType, digest, size };
}
