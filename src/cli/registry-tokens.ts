import { createTokenAuthority, type TokenAuthority } from "../buildkit/auth/token-authority.ts";
import type { RegistryCredentials } from "../docker/registry-credentials.ts";
import type { Endpoint } from "../remote/endpoint.ts";
import { exchange } from "../remote/exchange.ts";
import { parseRegistryAddress } from "../remote/registry-address.ts";
import { defaultRemoteLimits } from "../remote/remote-limits.ts";
import { fetchTimedToken } from "../remote/token-service.ts";
import { trustedCertificates } from "../remote/trusted-certificates.ts";
import type { App } from "./app.ts";
import { findAuthority } from "./find-authority.ts";

/** Milliseconds. The daemon waits a minute for an answer. */
const patience = { reach: 5_000, token: 50_000 };

/**
 * Gets tokens of registries for BuildKit, with the credentials of `docker login`: these stay here. They go to the token service
 * that the registry names under the rules for any registry, so by https alone, but for loopback. Of a registry that only
 * the daemon reaches it gets none: it asks for the credentials then, and gets the token itself.
 */
export function registryTokens(
  app: App,
  credentials: (host: string) => Promise<RegistryCredentials | undefined>,
): TokenAuthority {
  const reached = new Map<string, Promise<boolean>>();

  async function endpointOf(host: string, limit: number): Promise<Endpoint> {
    const authority = await findAuthority(host);
    return {
      address: parseRegistryAddress(host, { privateAuthority: authority !== undefined }),
      trusted: trustedCertificates(authority),
      limits: defaultRemoteLimits,
      signal: AbortSignal.any([app.signal, AbortSignal.timeout(limit)]),
    };
  }

  async function reaches(host: string): Promise<boolean> {
    try {
      const endpoint = await endpointOf(host, patience.reach);
      const url = new URL("/v2/", endpoint.address.origin);
      await exchange(endpoint, { method: "GET", url, limit: 64 * 1024 });
      return true;
    } catch {
      return false;
    }
  }

  return createTokenAuthority({
    reaches(host) {
      const known = reached.get(host) ?? reaches(host);
      reached.set(host, known);
      return known;
    },
    async fetchToken({ host, realm, service, scopes }) {
      const credential = await credentials(host);
      const endpoint = await endpointOf(host, patience.token);
      const challenge = { scheme: "bearer", parameters: { realm, service } };
      return await fetchTimedToken(endpoint, credential, challenge, scopes.join(" "));
    },
  });
}
