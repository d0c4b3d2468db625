import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageLayout } from "../oci/layout.ts";
import { parseReference } from "../oci/reference.ts";
import { type RegistryCredential, requireCredential } from "./access/require-credential.ts";
import { createInvitations, type Invitation } from "./create-invitations.ts";
import { createRegistry } from "./create-registry.ts";
import { listen } from "./listen.ts";
import { createMemoryMetadataStore } from "./store/memory-metadata-store.ts";
import { createRegistryStore } from "./store/registry-store.ts";
import { type NamedDescriptor, seedMetadata } from "./store/seed-metadata.ts";

/** A registry that listens. Disposing lets requests end for a moment, then cuts them. */
export type RegistryServer = AsyncDisposable & {
  /** `127.0.0.1:<port>`, as it stands before the name in a reference. */
  readonly address: string;
  /** Makes an image of the layout known as `name`, `base:1.0`, as those are that the layout names at the start. */
  publish(name: string, descriptor: Descriptor): Promise<void>;
  /** Waits for a visit. Dispose it when nobody is waited for any more. */
  invite(): Invitation;
};

type ServeRegistryOptions = {
  /** Where content goes, and whose images can be pulled from the start. */
  readonly layout: ImageLayout;
  /** When given, every request must bring it. */
  readonly credential?: RegistryCredential;
  /** Milliseconds that requests get to end when the server is disposed of. Default: 2 s. */
  readonly grace?: number;
  /** Takes errors that clients can't be blamed for: a full disk, our own faults. */
  readonly onError?: (error: Error) => void;
};

/** Starts the registry of a build on the loopback interface, on a port that the system chooses. */
export async function serveRegistry(options: ServeRegistryOptions): Promise<RegistryServer> {
  const { layout, credential, grace = 2000, onError } = options;
  const metadata = createMemoryMetadataStore();
  // Read by the first request: a build that has nothing to build makes none, and manifests are many.
  let unread: NamedDescriptor[] | undefined = [...(await layout.references())];
  let reading: Promise<void> | undefined;
  const readAll = async (): Promise<void> => {
    while (unread !== undefined && unread.length > 0) {
      const images = unread;
      unread = [];
      await seedMetadata(metadata, layout.blobs, images);
    }
    unread = undefined;
  };
  const registry = createRegistry({
    // One credential opens everything, so there is no repository to keep apart from another.
    store: createRegistryStore({ blobs: layout.blobs, metadata, membership: "shared" }),
    ...(credential === undefined ? {} : { authenticate: requireCredential(credential) }),
    ...(onError === undefined ? {} : { onError }),
  });
  const invitations = createInvitations();
  const listener = listen({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request, server) => {
      const greeting = invitations.answer(request);
      if (greeting !== undefined) return greeting;
      if (unread !== undefined) await (reading ??= readAll());
      return registry.fetch(request, server);
    },
  });
  const address = `127.0.0.1:${listener.port}`;
  return {
    address,
    invite: () => invitations.invite(address),
    async publish(name, descriptor) {
      if (unread !== undefined) {
        unread.push({ name, descriptor });
        return;
      }
      const { repository, tag = "" } = parseReference(name);
      if (metadata.findTag(repository, tag)?.digest === descriptor.digest) return;
      await seedMetadata(metadata, layout.blobs, [{ name, descriptor }]);
    },
    async [Symbol.asyncDispose]() {
      await listener.stop(grace);
      registry[Symbol.dispose]();
    },
  };
}
