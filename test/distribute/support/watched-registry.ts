import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { type ImageLayout, openLayout } from "../../../src/oci/layout.ts";
import { createRegistry } from "../../../src/registry/create-registry.ts";
import { createMemoryMetadataStore } from "../../../src/registry/store/memory-metadata-store.ts";
import { createRegistryStore } from "../../../src/registry/store/registry-store.ts";
import { seedMetadata } from "../../../src/registry/store/seed-metadata.ts";
import type { RemoteRegistry } from "../../../src/remote/open-registry.ts";
import { connect } from "../../remote/support/connect.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

export type WatchedRegistry = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  readonly remote: RemoteRegistry;
  /** To put content in; `publish` names it. */
  readonly layout: ImageLayout;
  /** Names an image of the layout `app:1.0`, in whose repository it is then. */
  publish(name: string, descriptor: Descriptor): Promise<void>;
  /** `HEAD /v2/app/manifests/1.0`, of every request so far; emptied by whoever wants to count. */
  readonly requests: string[];
};

type WatchOptions = {
  /** Answers in the registry's place; called before every request. */
  readonly answer?: (request: Request) => Promise<Response | undefined> | Response | undefined;
};

/** Our own registry on a socket, in which a repository has only what was pushed or mounted there. */
export async function watchedRegistry({ answer }: WatchOptions = {}): Promise<WatchedRegistry> {
  const directory = await tempDirectory();
  const layout = await openLayout(directory.path, { durable: false });
  const metadata = createMemoryMetadataStore();
  const registry = createRegistry({
    store: createRegistryStore({ blobs: layout.blobs, metadata, membership: "repository" }),
  });
  const requests: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request, self) {
      const { pathname, search } = new URL(request.url);
      requests.push(`${request.method} ${pathname}${search}`);
      return (await answer?.(request)) ?? (await registry.fetch(request, self));
    },
  });
  const address = `127.0.0.1:${server.port}`;
  return {
    address,
    remote: connect(address),
    layout,
    requests,
    publish: (name, descriptor) =>
      seedMetadata(metadata, layout.blobs, [{ name, descriptor }], { link: true }),
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      registry[Symbol.dispose]();
      layout[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}
