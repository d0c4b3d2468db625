import { createRegistryCredentials } from "../../docker/registry-credentials.ts";
import { openRegistry, type RemoteRegistry } from "../../remote/open-registry.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import type { ServerState } from "../../server/server-state.ts";
import type { App } from "../app.ts";
import { findAuthority, readAuthority } from "../find-authority.ts";
import { findLocalRegistry } from "./find-local-registry.ts";
import { storageFlag } from "./storage-directory.ts";

/** Which registry a command works on. */
export const registryFlags = {
  registry: {
    type: "string",
    valueHint: "address",
    description: "The registry, as host:port (default: the one that runs on this machine)",
  },
  ...storageFlag,
  "ca-cert": {
    type: "string",
    valueHint: "file",
    description: "A certificate authority (PEM) to trust besides the public ones",
  },
  "plain-http": {
    type: "boolean",
    description: "Do without TLS also where the registry is not on this machine",
  },
} as const;

export type RegistryFlags = {
  readonly registry?: string | undefined;
  readonly storage?: string | undefined;
  readonly "ca-cert"?: string | undefined;
  readonly "plain-http"?: boolean | undefined;
};

/**
 * The registry that `address` or the flags name: the one of this machine as its administrator, any other with the
 * credentials of `docker login`.
 * @throws HiveError "usage", "unreachable" when none is named and none is running here.
 */
export async function openRemote(
  app: App,
  flags: RegistryFlags,
  address: string | undefined = flags.registry,
): Promise<RemoteRegistry> {
  if (address === undefined)
    return await openLocal(app, flags, await findLocalRegistry(app, flags.storage));
  const { host } = parseRegistryAddress(address);
  const named = flags["ca-cert"];
  return openRegistry({
    address,
    credential: await createRegistryCredentials(app.env)(host),
    certificateAuthority:
      named === undefined ? await findAuthority(host) : await readAuthority(app.cwd, named),
    plainHttp: flags["plain-http"] === true,
    signal: app.signal,
  });
}

async function openLocal(
  app: App,
  flags: RegistryFlags,
  state: ServerState,
): Promise<RemoteRegistry> {
  const authority = flags["ca-cert"] ?? state.certificateAuthority;
  return openRegistry({
    address: state.url,
    credential: { bearer: state.controlToken },
    certificateAuthority:
      authority === undefined ? undefined : await readAuthority(app.cwd, authority),
    signal: app.signal,
  });
}
