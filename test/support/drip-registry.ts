import { createHash, randomBytes } from "node:crypto";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { waitUntil } from "./wait-until.ts";

/** A registry with the image `slow:1`, which never comes. */
export type DripRegistry = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Resolves when the first request came that will not be answered. */
  isAsked(): Promise<void>;
};

/** @param what does not come: no answer for the manifest, or a byte of the layer now and then */
export async function dripRegistry(what: "manifests" | "blobs"): Promise<DripRegistry> {
  let asked = false;
  const layer = randomBytes(1_000_000);
  const config = json({
    os: "linux",
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptor("application/vnd.oci.image.config.v1+json", config),
    layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
  });

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/v2/") return new Response("{}");
      if (pathname.includes("/manifests/")) {
        if (what === "manifests") {
          asked = true;
          await new Promise(() => {});
        }
        return new Response(manifest, {
          headers: {
            "content-type": mediaTypes.ociManifest,
            "docker-content-digest": digestOf(manifest),
          },
        });
      }
      if (pathname.endsWith(digestOf(config))) return new Response(config);
      asked = true;
      return new Response(drops(layer), { headers: { "content-length": String(layer.length) } });
    },
  });
  return {
    address: `127.0.0.1:${server.port}`,
    async isAsked() {
      await waitUntil(`somebody asks for ${what}`, 30_000, () => asked || undefined);
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

async function* drops(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    yield bytes.subarray(at, at + 1);
    await Bun.sleep(100);
  }
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function descriptor(mediaType: string, bytes: Uint8Array): object {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
