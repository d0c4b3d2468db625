import { timingSafeEqual } from "node:crypto";
import { isIPv6 } from "node:net";
import { HiveError } from "../../base/hive-error.ts";
import { RegistryError } from "../registry-error.ts";
import { type Access, type Authenticate, fullAccess, unauthorized } from "./access.ts";
import { createPasswordCheck, tryLater } from "./check-password.ts";
import { isAdministrator, isGranted } from "./grants.ts";
import { createGuessLimiter } from "./guess-limiter.ts";
import type { User, Users } from "./parse-users.ts";
import { readAuthorization } from "./read-authorization.ts";
import type { UsersSource } from "./users-file.ts";

type AuthenticateUsersOptions = {
  readonly users: UsersSource;
  /** What those may do who do not say who they are. */
  readonly anonymous: "none" | "read";
  /** The name that clients show when they ask for a password. Default: hive. */
  readonly realm?: string;
  /** A bearer token that opens everything: of the commands that run this very server. */
  readonly controlToken?: string;
  /** Told of a wrong password, token or name: who tried, and where from. Never what. */
  readonly onFailure?: (failure: { user: string | undefined; address: string }) => void;
  /** Told once when users can't be known. */
  readonly onError?: (error: Error) => void;
};

/** Users with passwords, each with what was granted to them. */
export function authenticateUsers(options: AuthenticateUsersOptions): Authenticate {
  const { users, anonymous, realm = "hive", controlToken, onFailure, onError } = options;
  const challenge = `Basic realm="${realm.replaceAll(/[^\w .:-]/g, "")}"`;
  const limiter = createGuessLimiter();
  const checkPassword = createPasswordCheck(limiter);
  const isControlToken = tokenCheck(controlToken);
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
  const refuse = (user: string | undefined, address: string): RegistryError => {
    onFailure?.({ user, address });
    return unauthorized(challenge);
  };

  return async (request, clientAddress) => {
    const authorization = readAuthorization(request.headers.get("authorization"));
    const address = networkOf(clientAddress);
    switch (authorization.kind) {
      case "none":
        if (anonymous === "none") throw unauthorized(challenge);
        return anonymousReader(challenge);
      case "malformed":
        throw unauthorized(challenge);
      case "bearer": {
        if (isControlToken(authorization.token)) return fullAccess;
        const wait = limiter.waitOf(address);
        if (wait > 0) throw tryLater("too many wrong tokens", wait);
        limiter.failed(address);
        throw refuse(undefined, address);
      }
      case "basic": {
        const { user: name, password } = authorization;
        const user = await checkPassword(currentUsers(), name, password, address);
        if (user === undefined) throw refuse(name, address);
        return accessOf(user, challenge);
      }
    }
  };
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

function tokenCheck(expected: string | undefined): (token: string) => boolean {
  if (expected === undefined || expected === "") return () => false;
  const right = hash(expected);
  // Hashes have one length, so the comparison tells nothing about how far a guess was right.
  return (token) => timingSafeEqual(hash(token), right);
}

function hash(text: string): Buffer {
  return new Bun.CryptoHasher("sha256").update(text).digest();
}

/** Whom failures count for: an IPv4 address, or the /64 of an IPv6 one, in which one client has them all. */
function networkOf(address: string | undefined): string {
  if (address === undefined) return "unknown";
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = "", tail = ""] = address.split("%")[0]?.split("::") ?? [];
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return `${[...left, ...zeros, ...right].slice(0, 4).join(":")}::/64`;
}
