import { HiveError } from "../../base/hive-error.ts";
import { RegistryError } from "../registry-error.ts";
import { rawPath } from "../route.ts";
import { type Access, type Authenticate, fullAccess, unauthorized } from "./access.ts";
import { type AccessTokens, createAccessTokens, isOwner } from "./access-tokens.ts";
import { createPasswordCheck } from "./check-password.ts";
import { isAdministrator, isGranted } from "./grants.ts";
import { networkOf } from "./network-of.ts";
import type { User, Users } from "./parse-users.ts";
import { readAuthorization } from "./read-authorization.ts";
import { createSecretCheck } from "./secret-check.ts";
import type { UsersSource } from "./users-file.ts";

type AuthenticateUsersOptions = {
  readonly users: UsersSource;
  /** What those may do who do not say who they are. */
  readonly anonymous: "none" | "read";
  /** The name that clients show when they ask for a password. Default: hive. */
  readonly realm?: string;
  /** A bearer token that opens everything: of the commands that run this very server. */
  readonly controlToken?: string;
  /** Told of a wrong password or name: who tried, and where from. Never what. */
  readonly onFailure?: (failure: { user: string; address: string }) => void;
  /** Told once when users can't be known. */
  readonly onError?: (error: Error) => void;
};

/** Users with passwords, each with what was granted to them. */
export function authenticateUsers(options: AuthenticateUsersOptions): Authenticate {
  const { users, anonymous, realm = "hive", controlToken, onFailure, onError } = options;
  const shownRealm = realm.replaceAll(/[^\w .:-]/g, "");
  // Docker's older image store asks for nothing without credentials where passwords are wanted: there it needs a token.
  const tokens = anonymous === "read" ? createAccessTokens() : undefined;
  const challengeFor = (request: Request): string =>
    (tokens === undefined ? undefined : tokenChallenge(request, shownRealm)) ??
    // What browsers understand.
    `Basic realm="${shownRealm}"`;
  const checkPassword = createPasswordCheck();
  const isControlToken = createControlTokenCheck(controlToken);
  let lastError: string | undefined;

  const currentUsers = (): Users => {
    try {
      const current = users.current();
      lastError = undefined;
      return current;
    } catch (error) {
      if (!(error instanceof HiveError)) throw error;
      if (lastError !== error.message) onError?.(error);
      lastError = error.message;
      // Nobody is let in by a fault of ours.
      throw new RegistryError(503, "DENIED", "the users are not known at the moment", {
        "Retry-After": "5",
      });
    }
  };
  return async (request, clientAddress) => {
    const authorization = readAuthorization(request.headers.get("authorization"));
    const address = networkOf(clientAddress);
    const challenge = challengeFor(request);
    switch (authorization.kind) {
      case "none":
        if (tokens === undefined) throw unauthorized(challenge);
        return withToken(anonymousReader(challenge), tokens, undefined);
      case "malformed":
        throw unauthorized(challenge);
      case "basic": {
        const { user: name, password } = authorization;
        const user = await checkPassword(currentUsers(), name, password, address);
        if (user !== undefined) return withToken(accessOf(user, challenge), tokens, user);
        onFailure?.({ user: name, address });
        throw unauthorized(challenge);
      }
      case "bearer": {
        if (isControlToken(authorization.token)) return fullAccess;
        const owner = tokens?.read(authorization.token);
        if (owner?.kind === "anonymous") return anonymousReader(challenge);
        const user = owner?.kind === "user" ? currentUsers().get(owner.name) : undefined;
        // No guess, which 256 bits leave no hope for: one that ended, or is from before a restart. Were it counted, all
        // clients behind one proxy would be kept out when the registry comes back.
        if (owner === undefined || user === undefined || !isOwner(owner, user)) {
          throw unauthorized(challenge);
        }
        return accessOf(user, challenge);
      }
    }
  };
}

function withToken(
  access: Access,
  tokens: AccessTokens | undefined,
  user: User | undefined,
): Access {
  return tokens === undefined ? access : { ...access, issueToken: () => tokens.issue(user) };
}

/**
 * Where to get a token: this very server, as the client calls it. A proxy that does TLS says so. Undefined where the
 * client is none of a registry, or says no host.
 * {@link https://distribution.github.io/distribution/spec/auth/token/}
 */
function tokenChallenge(request: Request, service: string): string | undefined {
  const host = request.headers.get("host") ?? "";
  const isValid = /^(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.test(host);
  if (!isValid || !rawPath(request.url).startsWith("/v2")) return undefined;
  const secure =
    request.url.startsWith("https:") || request.headers.get("x-forwarded-proto") === "https";
  return `Bearer realm="${secure ? "https" : "http"}://${host}/v2/token",service="${service}"`;
}

function accessOf({ name, grants }: User, challenge: string): Access {
  return {
    user: name,
    admin: isAdministrator(grants),
    challenge,
    may: (action, repository) => isGranted(grants, action, repository),
  };
}

function anonymousReader(challenge: string): Access {
  return { user: undefined, admin: false, challenge, may: (action) => action === "read" };
}

/** An empty token is nobody's. */
function createControlTokenCheck(token: string | undefined): (given: string) => boolean {
  return token === undefined || token === "" ? () => false : createSecretCheck(token);
}
