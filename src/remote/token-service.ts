import { formatDuration } from "../base/format-duration.ts";
import { HiveError } from "../base/hive-error.ts";
import { isRecord } from "../base/is-record.ts";
import type { Challenge } from "./challenge.ts";
import { basicHeader, type RemoteCredential } from "./credential.ts";
import type { Endpoint } from "./endpoint.ts";
import type { HttpAnswer, HttpRequest } from "./exchange.ts";
import { jsonOf } from "./json-of.ts";
import { isThisMachine } from "./registry-address.ts";
import { exchangeWithRetries, retryAfter } from "./retry.ts";

const tokenLimit = 1024 * 1024;

export type TimedToken = {
  readonly token: string;
  /** Seconds that it is good for, where the service says so. */
  readonly expiresIn: number | undefined;
};

/**
 * Gets a token from the service that a challenge names: with Basic credentials, with an identity token, or as anybody.
 * {@link https://distribution.github.io/distribution/spec/auth/token/}
 * {@link https://distribution.github.io/distribution/spec/auth/oauth/}
 * @param scope What to ask for besides what the challenge says.
 * @throws HiveError "unauthorized" when the service refuses, "failed" when it makes no sense.
 */
export async function fetchTimedToken(
  endpoint: Endpoint,
  credential: RemoteCredential | undefined,
  { parameters }: Challenge,
  scope: string,
): Promise<TimedToken> {
  const { host } = endpoint.address;
  const realm = tokenServiceOf(endpoint, parameters["realm"] ?? "");
  const wanted = {
    service: parameters["service"] ?? "",
    scope: mergedScopes(parameters["scope"] ?? "", scope),
  };
  const answer = await exchangeWithRetries(endpoint, tokenRequest(realm, credential, wanted));
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) {
    throw new HiveError("unauthorized", `The token service of ${host} refused: ${answer.status}`, {
      hint:
        credential === undefined
          ? `Log in with \`hive login ${host}\`.`
          : `The password or token is wrong, has expired or was revoked, or gives no right to this. Log in again with \`hive login ${host}\`.`,
    });
  }
  const token = answer.status === 200 ? tokenIn(answer) : undefined;
  if (token !== undefined) return token;
  const wait = answer.status === 429 ? retryAfter(answer.headers) : undefined;
  throw new HiveError(
    "failed",
    `The token service of ${host} (${realm.host}) gave no token: ${answer.status}`,
    {
      hint:
        wait === undefined
          ? "Try again; if it stays so, it is for those who run the registry to mend."
          : `It has had too many requests: try again in ${formatDuration(wait)}.`,
    },
  );
}

/** What a challenge asks for, and what we need besides: to mount a blob takes rights of two repositories. */
function mergedScopes(asked: string, needed: string): string {
  const actions = new Map<string, Set<string>>();
  for (const one of `${asked} ${needed}`.split(" ").filter(Boolean)) {
    const at = one.lastIndexOf(":");
    const resource = one.slice(0, at);
    const set = actions.get(resource) ?? new Set();
    actions.set(resource, set);
    for (const action of one.slice(at + 1).split(",")) set.add(action);
  }
  return Array.from(actions, ([resource, set]) => `${resource}:${[...set].join(",")}`).join(" ");
}

/** Where credentials may go: over TLS anywhere the registry says, without it only where the registry is itself. */
function tokenServiceOf({ address }: Endpoint, text: string): URL {
  const realm = URL.parse(text);
  const plain = realm?.protocol === "http:";
  const near = realm !== null && isThisMachine(realm.hostname);
  if (realm !== null && (plain || realm.protocol === "https:") && realm.username === "") {
    if (realm.origin === address.origin || (near && address.loopback)) return realm;
    if (!plain && !near) return realm;
  }
  throw new HiveError(
    "unauthorized",
    `${address.host} wants a token from a place where credentials must not go: ${realm?.origin ?? "no URL"}`,
    { hint: "A token service of another host must be reached by https." },
  );
}

function tokenRequest(
  realm: URL,
  credential: RemoteCredential | undefined,
  { service, scope }: { readonly service: string; readonly scope: string },
): HttpRequest {
  const fields: [string, string][] = [["client_id", "hive"]];
  if (service !== "") fields.push(["service", service]);
  if (credential !== undefined && "secret" in credential && credential.username === "") {
    fields.push(["grant_type", "refresh_token"], ["refresh_token", credential.secret]);
    if (scope !== "") fields.push(["scope", scope]);
    return { method: "POST", url: realm, body: new URLSearchParams(fields), limit: tokenLimit };
  }
  const url = new URL(realm);
  for (const [name, value] of fields) url.searchParams.append(name, value);
  // Several scopes stand in one parameter each.
  for (const one of scope.split(" ").filter(Boolean)) url.searchParams.append("scope", one);
  const basic = basicHeader(credential);
  const headers = basic === undefined ? {} : { Authorization: basic };
  return { method: "GET", url, headers, limit: tokenLimit };
}

function tokenIn({ bytes, headers }: HttpAnswer): TimedToken | undefined {
  const document = jsonOf(bytes);
  if (!isRecord(document)) return undefined;
  const { token, access_token: accessToken, expires_in: life, issued_at: issued } = document;
  const found = typeof token === "string" && token !== "" ? token : accessToken;
  // It becomes a header.
  if (typeof found !== "string" || !/^[\x21-\x7e]+$/.test(found)) return undefined;
  if (typeof life !== "number" || !Number.isSafeInteger(life) || life <= 0) {
    return { token: found, expiresIn: undefined };
  }
  return { token: found, expiresIn: lifeLeft(life, issued, headers.get("date")) };
}

/** Seconds, by the service's clock alone: ours may be another. What makes no sense there is left out of account. */
function lifeLeft(life: number, issued: unknown, sent: string | null): number {
  const age = Date.parse(sent ?? "") - Date.parse(typeof issued === "string" ? issued : "");
  const left = life - Math.floor(age / 1000);
  return left > 0 && left < life ? left : life;
}
