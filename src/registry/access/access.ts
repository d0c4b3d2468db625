import { RegistryError } from "../registry-error.ts";
import type { Route } from "../route.ts";

/** `read` pulls and lists, `write` pushes, `delete` removes. */
export type Action = "read" | "write" | "delete";

/** What the sender of one request may do. */
export type Access = {
  /** Undefined: nobody in particular. */
  readonly user: string | undefined;
  /** Whether it may run the server itself, as collecting garbage. */
  readonly admin: boolean;
  /** The value of `WWW-Authenticate`; undefined where there are no users, so that nobody could be anybody else. */
  readonly challenge: string | undefined;
  may(action: Action, repository: string): boolean;
  /** Makes a token that stands for the sender for a while; not there where clients send passwords each time. */
  readonly issueToken?: () => IssuedToken;
};

export type IssuedToken = {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
};

/**
 * Finds out who sends a request; `address` is the IP address it came from.
 * Throws RegistryError 401 to who may do nothing at all, 429 to who guesses passwords.
 */
export type Authenticate = (
  request: Request,
  address: string | undefined,
) => Access | Promise<Access>;

/** Of a registry without users. */
export const fullAccess: Access = {
  user: undefined,
  admin: true,
  challenge: undefined,
  may: () => true,
};

/**
 * The one gate: every request passes it before anything is looked up.
 * @throws RegistryError 401 when logging in may help, 403 when it won't.
 */
export function requireAccess(access: Access, method: string, route: Route): void {
  if (route.kind === "base") {
    // Docker logs in only when this address asks for it, so it asks even where anybody may read.
    if (access.user === undefined && access.challenge !== undefined) throw refused(access);
    return;
  }
  // The catalog is for everybody: it shows what they may read. A token allows what its owner may do anyhow.
  if (route.kind === "catalog" || route.kind === "token") return;
  if (!access.may(actionOf(method, route), route.repository)) throw refused(access);
}

function actionOf(method: string, route: Route): Action {
  // Whoever may not push has no business with uploads, not even to cancel one.
  if (route.kind === "uploads" || route.kind === "upload") return "write";
  if (method === "GET" || method === "HEAD") return "read";
  return method === "DELETE" ? "delete" : "write";
}

/** What to tell somebody who may not do it. */
function refused({ user, challenge }: Access): RegistryError {
  if (user === undefined && challenge !== undefined) return unauthorized(challenge);
  return new RegistryError(403, "DENIED", "you may not do this");
}

/** 401 with a challenge, which is what makes clients log in. */
export function unauthorized(challenge: string): RegistryError {
  return new RegistryError(401, "UNAUTHORIZED", "authentication required", {
    "WWW-Authenticate": challenge,
    "Docker-Distribution-Api-Version": "registry/2.0",
  });
}
