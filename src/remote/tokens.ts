import type { Challenge } from "./challenge.ts";
import type { RemoteCredential } from "./credential.ts";
import type { Endpoint } from "./endpoint.ts";
import { fetchTimedToken } from "./token-service.ts";

/** A token that is there or on its way. */
export type Token = Promise<string>;

/** The tokens of one credential at one registry, by what they are for; each is asked for once, however many want it. */
export type Tokens = {
  /** A challenge by which tokens of any scope can be had, without being refused first. */
  learn(challenge: Challenge): void;
  /** One that is still good, or a new one if it is known where to get it. */
  find(scope: string): Token | undefined;
  /** One instead of `refused`, which the challenge came for; all who were refused with that get the same. */
  renew(challenge: Challenge, scope: string, refused: Token | undefined): Token;
};

type Entry = { readonly token: Token; readonly challenge: Challenge; renewAt: number };

/** Of a token's life so much is used: a request may take its time, and clocks run apart. */
const usedLife = 0.75;

export function createTokens(endpoint: Endpoint, credential: RemoteCredential | undefined): Tokens {
  const entries = new Map<string, Entry>();
  let anyScope: Challenge | undefined;

  function request(challenge: Challenge, scope: string): Token {
    // Not the time of day: it may be wrong here, and is changed.
    const start = performance.now();
    const entry: Entry = {
      challenge,
      renewAt: Number.POSITIVE_INFINITY,
      token: fetchTimedToken(endpoint, credential, challenge, scope).then(
        ({ token, expiresIn }) => {
          if (expiresIn !== undefined) entry.renewAt = start + expiresIn * 1000 * usedLife;
          return token;
        },
      ),
    };
    entries.set(scope, entry);
    entry.token.catch(() => {
      if (entries.get(scope) === entry) entries.delete(scope);
    });
    return entry.token;
  }

  return {
    learn(challenge) {
      // Its scope is that of the question.
      const { scope: _, ...parameters } = challenge.parameters;
      anyScope = { ...challenge, parameters };
    },
    find(scope) {
      const entry = entries.get(scope);
      if (entry !== undefined && performance.now() < entry.renewAt) return entry.token;
      const challenge = entry?.challenge ?? anyScope;
      return challenge === undefined ? undefined : request(challenge, scope);
    },
    renew(challenge, scope, refused) {
      const present = entries.get(scope)?.token;
      return present === undefined || present === refused ? request(challenge, scope) : present;
    },
  };
}
