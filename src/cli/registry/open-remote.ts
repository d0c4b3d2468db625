import { openRegistry, type RemoteRegistry } from "../../remote/open-registry.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import type { App } from "../app.ts";
import { readAuthority } from "../find-authority.ts";
import { authorityFor } from "./authority-for.ts";
import { chooseCredential, type Side } from "./choose-credential.ts";
import { connectionFlags } from "./connection-flags.ts";
import { credentialFlags, type CredentialFlags } from "./credential-flags.ts";
import { findCredential } from "./find-credential.ts";
import { findLocalRegistry } from "./find-local-registry.ts";
import { storageFlag } from "./storage-directory.ts";

/** Which registry a command is about. */
export const addressFlags = {
  registry: {
    type: "string",
    valueHint: "address",
    description:
      "host[:port], with a path or without, or a name of hive.yml (default: the one that runs on this machine)",
  },
  ...storageFlag,
  ...connectionFlags,
} as const;

/** Which registry a command works on, and what to show to it. */
export const registryFlags = { ...addressFlags, ...credentialFlags } as const;

export type RegistryFlags = CredentialFlags & {
  readonly registry?: string | undefined;
  readonly storage?: string | undefined;
  readonly "ca-cert"?: string | undefined;
  readonly "plain-http"?: boolean | undefined;
};

type OpenOptions = {
  /** What it is opened for, where that is one repository: podman keeps credentials also for a part of a registry. */
  readonly repository?: string | undefined;
  /** Of two registries the one whose flags count. The others are then as `flags` has them. */
  readonly side?: Side;
};

/**
 * The registry that `address` or the flags name: the one of this machine as its administrator, any other with the
 * credentials that the flags say, by default those of logins. Nothing is sent yet.
 * @throws HiveError "usage", "unauthorized", "unreachable" when none is named and none is running here.
 */
export async function openRemote(
  app: App,
  flags: RegistryFlags,
  address: string | undefined = flags.registry,
  { repository, side }: OpenOptions = {},
): Promise<RemoteRegistry> {
  const choice = chooseCredential(app, flags, side);
  if (address === undefined) return await openLocal(app, flags, choice);
  const { host } = parseRegistryAddress(address);
  return openRegistry({
    address,
    credential: await findCredential(app, choice, { host, repository }),
    certificateAuthority: await authorityFor(app, flags, address),
    plainHttp: flags["plain-http"] === true,
    signal: app.signal,
  });
}

async function openLocal(
  app: App,
  flags: RegistryFlags,
  choice: ReturnType<typeof chooseCredential>,
): Promise<RemoteRegistry> {
  const state = await findLocalRegistry(app, flags.storage);
  const authority = flags["ca-cert"] ?? state.certificateAuthority;
  const { host } = parseRegistryAddress(state.url);
  return openRegistry({
    address: state.url,
    credential:
      choice === undefined || choice.mode === "home"
        ? { bearer: state.controlToken }
        : await findCredential(app, choice, { host }),
    certificateAuthority:
      authority === undefined ? undefined : await readAuthority(app.cwd, authority),
    signal: app.signal,
  });
}
