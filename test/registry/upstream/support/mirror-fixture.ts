import { openUpstream } from "../../../../src/cli/registry/open-upstream.ts";
import { type Digest, digestOf } from "../../../../src/oci/digest.ts";
import { openLayout } from "../../../../src/oci/layout.ts";
import { mediaTypes } from "../../../../src/oci/media-types.ts";
import type { Authenticate } from "../../../../src/registry/access/access.ts";
import { createRegistry } from "../../../../src/registry/create-registry.ts";
import { listen } from "../../../../src/registry/listen.ts";
import { createMemoryMetadataStore } from "../../../../src/registry/store/memory-metadata-store.ts";
import {
  createRegistryStore,
  type RegistryStore,
} from "../../../../src/registry/store/registry-store.ts";
import { createMirrors, type Mirrors } from "../../../../src/registry/upstream/create-mirrors.ts";
import type { MirrorSettings } from "../../../../src/registry/upstream/mirror-settings.ts";
import { json } from "../../../oci/support/sample-image.ts";
import { tempDirectory } from "../../../support/temp-directory.ts";
import { openRegistry, type RegistryFixture } from "../../support/registry-client.ts";

/** A registry, and one that keeps copies of it, both on loopback. */
export type MirrorFixture = AsyncDisposable & {
  readonly upstream: RegistryFixture;
  /** Requests to the upstream: `GET /v2/library/app/manifests/1`. */
  readonly asked: string[];
  /** Answers instead of the upstream; undefined: the upstream does. */
  intercept: (request: Request) => Response | undefined | Promise<Response | undefined>;
  /** `http://127.0.0.1:<port>` of the one that keeps copies. */
  readonly url: string;
  readonly store: RegistryStore;
  readonly mirrors: Mirrors;
  readonly warnings: string[];
  readonly errors: Error[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Pushes an image to the upstream's `library/app`; the layer is `layer`. */
  image(tag: string, layer: string | Uint8Array<ArrayBuffer>): Promise<UpstreamImage>;
};

export type UpstreamImage = {
  readonly digest: Digest;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly layer: Digest;
};

type MirrorFixtureOptions = {
  readonly settings?: Partial<MirrorSettings>;
  readonly authenticate?: Authenticate;
  readonly requireRoom?: RegistryStore["requireRoom"];
  /** Where the upstream is; default: a registry of the fixture. */
  readonly address?: string;
};

/** As if the upstream were Docker Hub. */
export async function openMirror(options: MirrorFixtureOptions = {}): Promise<MirrorFixture> {
  const { settings = {}, authenticate, requireRoom, address } = options;
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(await openRegistry({ incompleteImages: "accept" }));
  const asked: string[] = [];
  const fixture = { intercept: (): undefined => undefined } as Pick<MirrorFixture, "intercept">;
  const server = listen({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      asked.push(`${request.method} ${pathname}`);
      const other = await fixture.intercept(request);
      if (other !== undefined) return other;
      const headers = Object.fromEntries(request.headers);
      return await upstream.send(request.method, pathname + search, { headers });
    },
  });
  stack.defer(() => server.stop(0));
  const directory = stack.use(await tempDirectory());
  const layout = stack.use(await openLayout(directory.path, { durable: false }));
  const store = createRegistryStore({
    blobs: layout.blobs,
    metadata: createMemoryMetadataStore(),
    membership: "repository",
    ...(requireRoom === undefined ? {} : { requireRoom }),
  });
  const warnings: string[] = [];
  const errors: Error[] = [];
  const mirrors = stack.use(
    createMirrors({
      mirrors: [
        {
          name: "docker.io",
          upstream: openUpstream({
            address: address ?? `127.0.0.1:${server.port}`,
            credential: async () => undefined,
            certificateAuthority: async () => undefined,
          }),
        },
      ],
      store,
      settings,
      onWarning: (text) => void warnings.push(text),
    }),
  );
  const registry = stack.use(
    createRegistry({
      store,
      mirrors,
      ...(authenticate === undefined ? {} : { authenticate }),
      onError: (error) => void errors.push(error),
    }),
  );
  const listener = listen({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, self) => registry.fetch(request, self),
  });
  stack.defer(() => listener.stop(0));
  const url = `http://127.0.0.1:${listener.port}`;
  const owned = stack.move();
  return Object.assign(fixture, {
    upstream,
    asked,
    url,
    store,
    mirrors,
    warnings,
    errors,
    get: async (path: string, headers: Record<string, string> = {}) =>
      await fetch(`${url}${path}`, { headers }),
    async image(tag: string, content: string | Uint8Array<ArrayBuffer>) {
      const layer = digestOf(content);
      await upstream.send("POST", `/v2/library/app/blobs/uploads/?digest=${layer}`, {
        body: content,
      });
      const config = await upstream.blob("library/app", "{}");
      const bytes = json({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: { mediaType: mediaTypes.ociConfig, digest: config, size: 2 },
        layers: [
          {
            mediaType: "application/vnd.oci.image.layer.v1.tar",
            digest: layer,
            size: content.length,
          },
        ],
      });
      await upstream.send("PUT", `/v2/library/app/manifests/${tag}`, {
        body: bytes,
        headers: { "Content-Type": mediaTypes.ociManifest },
      });
      return { digest: digestOf(bytes), bytes, layer };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  });
}
