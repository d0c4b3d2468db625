import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { type ImageLayout, openLayout } from "../../../src/oci/layout.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import {
  type RegistryCredential,
  requireCredential,
} from "../../../src/registry/access/require-credential.ts";
import { createMemoryMetadataStore } from "../../../src/registry/store/memory-metadata-store.ts";
import { createRegistry } from "../../../src/registry/create-registry.ts";
import type { RegistryLimits } from "../../../src/registry/registry-context.ts";
import { createRegistryStore } from "../../../src/registry/store/registry-store.ts";
import { seedMetadata } from "../../../src/registry/store/seed-metadata.ts";
import { json } from "../../oci/support/sample-image.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

export type ServedRegistry = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  readonly layout: ImageLayout;
  /** Names an image of the layout `app:1.0`. */
  publish(name: string, descriptor: Descriptor): Promise<void>;
  /** Attaches an artifact to a manifest; its digest. */
  attach(repository: string, subject: Descriptor, artifactType: string): Promise<string>;
  /** `GET /v2/app/tags/list`, of every request so far. */
  readonly requests: readonly string[];
};

type ServedOptions = {
  readonly credential?: RegistryCredential;
  readonly limits?: Partial<RegistryLimits>;
  readonly tls?: { readonly key: string; readonly cert: string };
};

/** Our own registry on a socket. */
export async function servedRegistry(options: ServedOptions = {}): Promise<ServedRegistry> {
  const directory = await tempDirectory();
  const layout = await openLayout(directory.path, { durable: false });
  const metadata = createMemoryMetadataStore();
  const { credential, limits, tls } = options;
  const registry = createRegistry({
    store: createRegistryStore({ blobs: layout.blobs, metadata, membership: "shared" }),
    ...(credential === undefined ? {} : { authenticate: requireCredential(credential) }),
    ...(limits === undefined ? {} : { limits }),
  });
  const requests: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, self) {
      const { pathname, search } = new URL(request.url);
      requests.push(`${request.method} ${pathname}${search}`);
      return registry.fetch(request, self);
    },
    ...(tls === undefined ? {} : { tls }),
  });
  return {
    address: `127.0.0.1:${server.port}`,
    layout,
    requests,
    publish: (name, descriptor) => seedMetadata(metadata, layout.blobs, [{ name, descriptor }]),
    async attach(repository, subject, artifactType) {
      const send = async (
        method: string,
        path: string,
        type: string,
        body: Uint8Array<ArrayBuffer>,
      ) =>
        await registry.fetch(
          new Request(`http://registry.test/v2/${repository}/${path}`, {
            method,
            headers: {
              "Content-Type": type,
              ...(credential === undefined ? {} : { Authorization: basic(credential) }),
            },
            body,
          }),
        );
      const empty = json({});
      const config = {
        mediaType: "application/vnd.oci.empty.v1+json",
        digest: digestOf(empty),
        size: empty.byteLength,
      };
      await send(
        "POST",
        `blobs/uploads/?digest=${config.digest}`,
        "application/octet-stream",
        empty,
      );
      const manifest = json({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        artifactType,
        config,
        layers: [config],
        subject,
      });
      const digest = digestOf(manifest);
      const response = await send("PUT", `manifests/${digest}`, mediaTypes.ociManifest, manifest);
      if (response.status !== 201) throw new Error(`push answered ${response.status}`);
      return digest;
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      registry[Symbol.dispose]();
      layout[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

function basic({ username, secret }: RegistryCredential): string {
  return `Basic ${Buffer.from(`${username}:${secret}`).toString("base64")}`;
}
