import { digestOf } from "../src/oci/digest.ts";
import { mediaTypes } from "../src/oci/media-types.ts";

export type PushedImage = {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly mediaType: string;
};

/** Puts an image into a registry that lets everybody in. The same seeds and sizes make the same image. */
export async function pushImage(
  address: string,
  reference: string,
  layers: readonly { readonly seed: string; readonly size: number }[],
): Promise<PushedImage> {
  const [repository = "", tag = ""] = reference.split(":");
  const base = `http://${address}/v2/${repository}`;
  const descriptors = [];
  for (const { seed, size } of layers) {
    const bytes = layerOf(seed, size);
    descriptors.push({ mediaType: layerType, ...(await pushBlob(base, bytes)) });
  }
  const config = encode({
    architecture: "amd64",
    os: "linux",
    config: { Env: [`IMAGE=${reference}`] },
    // Nobody who only copies unpacks layers.
    rootfs: { type: "layers", diff_ids: descriptors.map(({ digest }) => digest) },
  });
  const manifest = encode({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, ...(await pushBlob(base, config)) },
    layers: descriptors,
  });
  const response = await fetch(`${base}/manifests/${tag}`, {
    method: "PUT",
    headers: { "Content-Type": mediaTypes.ociManifest },
    body: manifest,
  });
  await expectStatus(response, 201);
  return { repository, tag, digest: digestOf(manifest), mediaType: mediaTypes.ociManifest };
}

const layerType = "application/vnd.oci.image.layer.v1.tar+gzip";

/** Bytes that don't compress, in gzip's wrapping: skopeo looks for it, and would compress what has none. */
function layerOf(seed: string, size: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = Bun.hash.crc32(seed) | 1;
  for (let i = 0; i < words.length; i++) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return Bun.gzipSync(new Uint8Array(words.buffer, 0, size), { level: 0 });
}

async function pushBlob(
  base: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ readonly digest: string; readonly size: number }> {
  const digest = digestOf(bytes);
  const size = bytes.byteLength;
  const there = await fetch(`${base}/blobs/${digest}`, { method: "HEAD" });
  if (there.status === 200) return { digest, size };
  const started = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
  await expectStatus(started, 202);
  const url = new URL(started.headers.get("location") ?? "", base);
  url.searchParams.set("digest", digest);
  const headers = { "Content-Type": "application/octet-stream" };
  await expectStatus(await fetch(url, { method: "PUT", headers, body: bytes }), 201);
  return { digest, size };
}

async function expectStatus(response: Response, status: number): Promise<void> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`${response.url}: ${response.status} ${text}`);
}

function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}
