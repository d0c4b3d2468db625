import { type Challenge, parseChallenges } from "./challenge.ts";
import { basicHeader, type RemoteCredential } from "./credential.ts";
import type { Endpoint } from "./endpoint.ts";
import type { HttpAnswer, HttpRequest } from "./exchange.ts";
import { exchangeWithRetries } from "./retry.ts";
import { createTokens, type Token } from "./tokens.ts";

/** @param scope What the request is for: `repository:app:pull`. A token is used for all requests of one scope. */
export type AuthorizedExchange = (request: HttpRequest, scope: string) => Promise<HttpAnswer>;

/**
 * Exchanges that show the credential as the registry asks for it, Basic or by a token. A token that is refused gets one
 * successor: who is refused with that has no right, or not any more.
 * {@link https://www.rfc-editor.org/rfc/rfc6750}
 */
export function createAuthorizedExchange(
  endpoint: Endpoint,
  credential: RemoteCredential | undefined,
): AuthorizedExchange {
  if (credential !== undefined && "bearer" in credential) {
    const header = `Bearer ${credential.bearer}`;
    return async (request) => ({
      ...(await exchangeWithRetries(endpoint, withHeader(request, header))),
      shown: "token",
      secrets: [credential.bearer],
    });
  }
  const tokens = createTokens(endpoint, credential);
  const own = credential === undefined ? [] : [credential.secret];
  let basic: string | undefined;
  let learned: Promise<void> | undefined;

  /** Asks how to log in: where anybody may read, no answer would ever tell, and we would not see what is ours. */
  async function learn(): Promise<void> {
    const url = new URL("/v2/", endpoint.address.origin);
    const answer = await exchangeWithRetries(endpoint, {
      method: "GET",
      url,
      limit: endpoint.limits.errorSize,
    });
    // Where it redirects to has no say in where credentials go.
    if (answer.url.origin !== url.origin) return;
    const challenges = challengesOf(answer);
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) tokens.learn(bearer);
    if (challenges.some(({ scheme }) => scheme === "basic")) basic = basicHeader(credential);
  }

  async function show(request: HttpRequest, token: Token | undefined): Promise<HttpAnswer> {
    const text = token === undefined ? undefined : await whileWanted(token, request.signal);
    const header = text === undefined ? basic : `Bearer ${text}`;
    const answer = await exchangeWithRetries(endpoint, withHeader(request, header));
    const password = basic === undefined ? "nothing" : "password";
    const secrets = header === undefined ? own : [header.slice(header.indexOf(" ") + 1), ...own];
    return { ...answer, shown: token === undefined ? password : "token", secrets };
  }

  return async (request, scope) => {
    if (credential !== undefined) {
      learned ??= learn();
      learned.catch(() => (learned = undefined));
      await whileWanted(learned, request.signal);
    }
    let token = tokens.find(scope);
    // To be asked for a token is no refusal of one.
    for (let renewals = token === undefined ? 2 : 1; ; renewals--) {
      const answer = await show(request, token);
      // Storage that a registry redirects to has no say in where credentials go.
      if (renewals === 0 || answer.url.origin !== request.url.origin) return answer;
      const bearer = challengesOf(answer).find(({ scheme }) => scheme === "bearer");
      if (bearer === undefined) return answer;
      token = tokens.renew(bearer, scope, token);
    }
  };
}

function challengesOf({ status, headers }: HttpAnswer): readonly Challenge[] {
  return status === 401 ? parseChallenges(headers.get("www-authenticate")) : [];
}

function withHeader(request: HttpRequest, authorization: string | undefined): HttpRequest {
  if (authorization === undefined) return request;
  return { ...request, headers: { ...request.headers, Authorization: authorization } };
}

/** What others wait for as well goes on when one of them has enough. */
async function whileWanted<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await shared;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason);
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([shared, promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
