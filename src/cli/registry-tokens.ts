import { HiveError } from "../base/hive-error.ts";
import { createTokenAuthority, type TokenAuthority } from "../buildkit/auth/token-authority.ts";
import type { CredentialLookup } from "../credentials/credential-lookup.ts";
import { createEndpoint, type Endpoint } from "../remote/endpoint.ts";
import { parseChallenges } from "../remote/challenge.ts";
import { exchange } from "../remote/exchange.ts";
import { fetchTimedToken } from "../remote/token-service.ts";
import type { App } from "./app.ts";
import { findAuthority } from "./find-authority.ts";

/** Milliseconds. The daemon waits a minute for an answer. */
const patience = { reach: 5_000, token: 50_000 };

/**
 * Gets tokens of registries for BuildKit, with the stored credentials: these stay here. They go to the token service
 * that the registry names when we ask it ourselves, whatever the daemon says, under the rules for any registry, so by https alone,
 * but for loopback. Of a registry that only the daemon reaches it gets none: it asks for the credentials then, and gets
 * the token itself.
 */
export function registryTokens(
  app: Pick<App, "env" | "signal">,
  credentials: CredentialLookup,
): TokenAuthority {
  /** Where the token services of a registry may be; undefined for one that we don't reach. */
  const known = new Map<string, Promise<ReadonlySet<string> | undefined>>();

  async function endpointOf(host: string, limit: number): Promise<Endpoint> {
    return createEndpoint({
      address: host,
      certificateAuthority: await findAuthority(app.env, host),
      signal: AbortSignal.any([app.signal, AbortSignal.timeout(limit)]),
    });
  }

  async function ask(host: string): Promise<ReadonlySet<string> | undefined> {
    try {
      const endpoint = await endpointOf(host, patience.reach);
      const url = new URL("/v2/", endpoint.address.origin);
      const { errorSize: limit } = endpoint.limits;
      const { headers } = await exchange(endpoint, { method: "GET", url, limit });
      const realms = parseChallenges(headers.get("www-authenticate")).flatMap(
        ({ parameters }) => parameters["realm"] ?? [],
      );
      // The path may differ from one repository to the next; who listens there does not.
      return new Set(
        [url, ...realms.map((realm) => URL.parse(realm))].map((each) => each?.origin ?? ""),
      );
    } catch {
      return undefined;
    }
  }

  function servicesOf(host: string): Promise<ReadonlySet<string> | undefined> {
    const services = known.get(host) ?? ask(host);
    known.set(host, services);
    return services;
  }

  return createTokenAuthority({
    reaches: async (host) => (await servicesOf(host)) !== undefined,
    async fetchToken({ host, realm, service, scopes }) {
      const origin = URL.parse(realm)?.origin ?? "no URL";
      if ((await servicesOf(host))?.has(origin) !== true) {
        throw new HiveError(
          "unauthorized",
          `BuildKit wants a token for ${host} from ${origin}, which is not where ${host} has its token service`,
          {
            hint: "See whether this BuildKit is to be trusted, and whether it reaches the registry by another name.",
          },
        );
      }
      const credential = await credentials(host, repositoryOf(scopes));
      // It is what the registry wants to see; there is nothing to ask for.
      if (credential !== undefined && "bearer" in credential) {
        return { token: credential.bearer, expiresIn: undefined };
      }
      const endpoint = await endpointOf(host, patience.token);
      const challenge = { scheme: "bearer", parameters: { realm, service } };
      return await fetchTimedToken(endpoint, credential, challenge, scopes.join(" "));
    },
  });
}

/** The repository that scopes are about, where it is one: `team/app` of `repository:team/app:pull`. */
function repositoryOf(scopes: readonly string[]): string | undefined {
  const named = scopes.flatMap((scope) => /^repository:(.+):[^:]*$/.exec(scope)?.[1] ?? []);
  return new Set(named).size === 1 ? named[0] : undefined;
}
