import { isLoopback, parseRegistryAddress } from "../../remote/registry-address.ts";
import { readServerState } from "../../server/server-state.ts";
import type { App } from "../app.ts";
import { findAuthority, readAuthority } from "../find-authority.ts";
import { storageDirectory } from "./storage-directory.ts";

type AuthorityFlags = {
  readonly storage?: string | undefined;
  readonly "ca-cert"?: string | undefined;
};

/**
 * The certificate authority (PEM) to trust for a registry: the flag's, else that of docker or podman, else that of the
 * registry of this machine where it is this one.
 * @throws HiveError "usage" when the flag's can't be read.
 */
export async function authorityFor(
  app: App,
  flags: AuthorityFlags,
  address: string,
): Promise<string | undefined> {
  const named = flags["ca-cert"];
  if (named !== undefined) return await readAuthority(app.cwd, named);
  const { host } = parseRegistryAddress(address);
  return (await findAuthority(app.env, host)) ?? (await ownAuthority(app, flags, host));
}

async function ownAuthority(
  app: App,
  { storage }: AuthorityFlags,
  host: string,
): Promise<string | undefined> {
  const { hostname, port } = new URL(`https://${host}`);
  if (!isLoopback(hostname)) return undefined;
  try {
    const state = await readServerState(storageDirectory(app, storage));
    if (state?.certificateAuthority === undefined || new URL(state.url).port !== port) {
      return undefined;
    }
    return await readAuthority(app.cwd, state.certificateAuthority);
  } catch {
    // Without it the registry's certificate is not trusted, which is said then.
    return undefined;
  }
}
