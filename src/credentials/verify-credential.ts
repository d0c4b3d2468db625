import { HiveError } from "../base/hive-error.ts";
import { parseChallenges } from "../remote/challenge.ts";
import { basicHeader, type RemoteCredential } from "../remote/credential.ts";
import { createEndpoint, type EndpointOptions } from "../remote/endpoint.ts";
import { openRegistry } from "../remote/open-registry.ts";
import { parseRegistryAddress } from "../remote/registry-address.ts";
import { exchangeWithRetries } from "../remote/retry.ts";
import { plainHttpHint } from "../remote/plain-http-hint.ts";

export type Verified = {
  readonly credential: RemoteCredential;
  /** False where the registry lets everybody in: nobody can tell then whether it looked. */
  readonly checked: boolean;
};

/**
 * Shows a credential to a registry, and to its token service where it has one.
 * @param candidates What it may be: a token may be one to show as it is, or one to get others with. The first that is taken counts.
 * @throws HiveError "unauthorized" when none is taken, "unreachable", "failed"; none holds a secret
 */
export async function verifyCredential(
  access: EndpointOptions,
  candidates: readonly RemoteCredential[],
): Promise<Verified> {
  const challenges = await ask(access);
  if (challenges === undefined) return await verifyOpen(access, candidates);
  const usable = candidates.filter(
    (candidate) =>
      !isIdentityToken(candidate) || challenges.some(({ scheme }) => scheme === "bearer"),
  );
  let refused: HiveError | undefined;
  for (const credential of usable) {
    try {
      await openRegistry({ ...access, credential }).ping();
      return { credential, checked: true };
    } catch (error) {
      if (!(error instanceof HiveError)) throw error;
      if (error.kind !== "unauthorized") throw error;
      refused ??= error;
    }
  }
  throw notTaken(access, refused?.message);
}

/** How it wants to be shown a credential; undefined when it lets everybody in. */
async function ask(access: EndpointOptions): ReturnType<typeof show> {
  return await show(access, undefined);
}

/** A registry that lets everybody in may look at credentials all the same. */
async function verifyOpen(
  access: EndpointOptions,
  [credential]: readonly RemoteCredential[],
): Promise<Verified> {
  if (credential === undefined) throw notTaken(access, undefined);
  const header = "bearer" in credential ? `Bearer ${credential.bearer}` : basicHeader(credential);
  if ((await show(access, header)) !== undefined) throw notTaken(access, undefined);
  return { credential, checked: false };
}

/** The challenges in the refusal of `GET /v2/`; undefined when it is none. */
async function show(
  access: EndpointOptions,
  header: string | undefined,
): Promise<ReturnType<typeof parseChallenges> | undefined> {
  const endpoint = createEndpoint(access);
  const { address, limits } = endpoint;
  const url = new URL("/v2/", address.origin);
  const headers = header === undefined ? {} : { Authorization: header };
  const answer = await exchangeWithRetries(endpoint, {
    method: "GET",
    url,
    headers,
    limit: limits.errorSize,
  });
  if (answer.status === 401) return parseChallenges(answer.headers.get("www-authenticate"));
  if (answer.status === 200) return undefined;
  throw new HiveError(
    "failed",
    `${address.host} is no registry, or hides it: it answered ${answer.status}`,
    {
      hint: plainHttpHint(address.host, answer) ?? "See whether the address is right.",
    },
  );
}

function isIdentityToken(credential: RemoteCredential): boolean {
  return "secret" in credential && credential.username === "";
}

function notTaken({ address }: EndpointOptions, reason: string | undefined): HiveError {
  const { host } = parseRegistryAddress(address);
  const message = reason ?? `${host} refused it`;
  return new HiveError("unauthorized", `Cannot log in to ${host}: ${message}`, {
    hint: "See whether the name and the password, or the token, are right. Nothing was stored.",
  });
}
