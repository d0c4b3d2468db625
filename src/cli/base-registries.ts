import { homeCredentials } from "../credentials/home-credentials.ts";
import type { RegistryOpener } from "../lock/resolve-base.ts";
import { openRegistry, type RemoteRegistry } from "../remote/open-registry.ts";
import { parseRegistryAddress } from "../remote/registry-address.ts";
import type { RemoteLimits } from "../remote/remote-limits.ts";
import type { App } from "./app.ts";
import { findAuthority } from "./find-authority.ts";

/** Opens the registries that external images come from, with the stored credentials; each once. */
export function baseRegistries(
  { env, signal: interrupt }: App,
  {
    limits = {},
    signal = interrupt,
  }: { limits?: Partial<RemoteLimits>; signal?: AbortSignal } = {},
): RegistryOpener {
  const credentials = homeCredentials(env, { signal });
  const open = new Map<string, Promise<RemoteRegistry>>();
  async function openOne(address: string): Promise<RemoteRegistry> {
    const { host } = parseRegistryAddress(address);
    const certificateAuthority = await findAuthority(host);
    const credential = await credentials(host);
    return openRegistry({ address, credential, certificateAuthority, limits, signal });
  }
  return (address) => {
    const registry = open.get(address) ?? openOne(address);
    open.set(address, registry);
    return registry;
  };
}
