import { homeCredentials } from "../credentials/home-credentials.ts";
import type { RegistryOpener } from "../lock/resolve-base.ts";
import type { RemoteCredential } from "../remote/credential.ts";
import { openRegistry, type RemoteRegistry } from "../remote/open-registry.ts";
import { parseRegistryAddress } from "../remote/registry-address.ts";
import type { RemoteLimits } from "../remote/remote-limits.ts";
import type { App } from "./app.ts";
import { findAuthority } from "./find-authority.ts";

/** Opens the registries that external images come from, with the stored credentials; each once for a credential. */
export function baseRegistries(
  { env, signal: interrupt }: App,
  {
    limits = {},
    signal = interrupt,
  }: { limits?: Partial<RemoteLimits>; signal?: AbortSignal } = {},
): RegistryOpener {
  const credentials = homeCredentials(env, { signal });
  const opened = new Map<string, Promise<RemoteRegistry>>();
  async function openOne(
    address: string,
    credential: RemoteCredential | undefined,
  ): Promise<RemoteRegistry> {
    const certificateAuthority = await findAuthority(env, parseRegistryAddress(address).host);
    return openRegistry({ address, credential, certificateAuthority, limits, signal });
  }
  return async (address, repository) => {
    const credential = await credentials(parseRegistryAddress(address).host, repository);
    const key = JSON.stringify([address, credential]);
    const registry = opened.get(key) ?? openOne(address, credential);
    opened.set(key, registry);
    return await registry;
  };
}
