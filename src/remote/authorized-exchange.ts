import { type Challenge, parseChallenges } from "./challenge.ts";
import { basicHeader, type RemoteCredential } from "./credential.ts";
import type { Endpoint } from "./endpoint.ts";
import type { HttpAnswer, HttpRequest } from "./exchange.ts";
import { exchangeWithRetries } from "./retry.ts";
import { fetchToken } from "./token-service.ts";

/** @param scope What the request is for: `repository:app:pull`. A token is used for all requests of one scope. */
export type AuthorizedExchange = (request: HttpRequest, scope: string) => Promise<HttpAnswer>;

/**
 * Exchanges that show the credential as the registry asks for it, Basic or by a token.
 * {@link https://www.rfc-editor.org/rfc/rfc6750}
 */
export function createAuthorizedExchange(
  endpoint: Endpoint,
  credential: RemoteCredential | undefined,
): AuthorizedExchange {
  if (credential !== undefined && "bearer" in credential) {
    const header = `Bearer ${credential.bearer}`;
    return async (request) => await exchangeWithRetries(endpoint, withHeader(request, header));
  }
  const tokens = new Map<string, Promise<string>>();
  let basic: string | undefined;
  let service: Challenge | undefined;
  let learned: Promise<void> | undefined;

  /** Asks how to log in: where anybody may read, no answer would ever tell, and we would not see what is ours. */
  async function learn(): Promise<void> {
    const url = new URL("/v2/", endpoint.address.origin);
    const answer = await exchangeWithRetries(endpoint, { method: "GET", url, limit: pingLimit });
    const challenges = challengesOf(answer);
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    // Its scope is that of the question.
    if (bearer !== undefined) {
      const { scope: _, ...parameters } = bearer.parameters;
      service = { ...bearer, parameters };
    }
    if (challenges.some(({ scheme }) => scheme === "basic")) basic = basicHeader(credential);
  }

  function requestToken(challenge: Challenge, scope: string): Promise<string> {
    const token = fetchToken(endpoint, credential, challenge, scope);
    tokens.set(scope, token);
    token.catch(() => tokens.delete(scope));
    return token;
  }

  function headerOf(token: string | undefined): string | undefined {
    return token === undefined ? basic : `Bearer ${token}`;
  }

  /** What to show after a refusal; undefined when there is nothing else. */
  async function next(
    refusal: HttpAnswer,
    scope: string,
    shown: Promise<string> | undefined,
  ): Promise<string | undefined> {
    const challenges = challengesOf(refusal);
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer === undefined) return undefined;
    // Many requests may be refused at a time: the first of them gets the token for all.
    const renewed = tokens.get(scope);
    if (renewed !== undefined && renewed !== shown) return headerOf(await renewed);
    return headerOf(await requestToken(bearer, scope));
  }

  return async (request, scope) => {
    if (credential !== undefined) {
      learned ??= learn();
      learned.catch(() => (learned = undefined));
      await learned;
    }
    const token =
      tokens.get(scope) ?? (service === undefined ? undefined : requestToken(service, scope));
    const first = await exchangeWithRetries(endpoint, withHeader(request, headerOf(await token)));
    // Storage that a registry redirects to has no say in where credentials go.
    if (first.status !== 401 || first.url.origin !== request.url.origin) return first;
    const header = await next(first, scope, token);
    if (header === undefined) return first;
    return await exchangeWithRetries(endpoint, withHeader(request, header));
  };
}

const pingLimit = 64 * 1024;

function challengesOf({ status, headers }: HttpAnswer): readonly Challenge[] {
  return status === 401 ? parseChallenges(headers.get("www-authenticate")) : [];
}

function withHeader(request: HttpRequest, authorization: string | undefined): HttpRequest {
  if (authorization === undefined) return request;
  return { ...request, headers: { ...request.headers, Authorization: authorization } };
}
