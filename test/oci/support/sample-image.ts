import { gzipSync, zstdCompressSync } from "bun";
import { type BlobStore, storeBlob } from "../../../src/oci/blob-store.ts";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { tarStream } from "../../../src/oci/tar-stream.ts";

type SampleOptions = {
  /** The content of its one file; other text is another image. */
  readonly text?: string;
  readonly compression?: "none" | "gzip" | "zstd";
  readonly architecture?: string;
};

/** Stores an image with one file, `hello.txt`; returns the descriptor of its manifest. */
export async function storeSampleImage(
  store: BlobStore,
  { text = "hello", compression = "gzip", architecture = "amd64" }: SampleOptions = {},
): Promise<Descriptor> {
  const tar = await tarOf("hello.txt", Buffer.from(text));
  const packed =
    compression === "gzip" ? gzipSync(tar) : compression === "zstd" ? zstdCompressSync(tar) : tar;
  const suffix = compression === "none" ? "" : `+${compression}`;
  const layer = await storeAs(store, packed, `application/vnd.oci.image.layer.v1.tar${suffix}`);
  const config = await storeAs(
    store,
    json({
      architecture,
      os: "linux",
      config: { Cmd: ["/hello"] },
      rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
    }),
    mediaTypes.ociConfig,
  );
  return await storeAs(
    store,
    json({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer] }),
    mediaTypes.ociManifest,
  );
}

/** Stores an index over images. */
export async function storeSampleIndex(
  store: BlobStore,
  manifests: readonly Descriptor[],
): Promise<Descriptor> {
  return await storeAs(
    store,
    json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
    mediaTypes.ociIndex,
  );
}

export function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

async function storeAs(
  store: BlobStore,
  bytes: Uint8Array,
  mediaType: string,
): Promise<Descriptor> {
  const { digest, size } = await storeBlob(store, bytes);
  return { mediaType, digest, size };
}

async function tarOf(name: string, content: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarStream([{ name, size: content.byteLength, content }])) {
    chunks.push(Uint8Array.from(chunk));
  }
  return new Uint8Array(Buffer.concat(chunks));
}
