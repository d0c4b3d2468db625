import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IssuedToken } from "./access.ts";
import type { User } from "./parse-users.ts";

/** Tokens that stand for a user, or for nobody, for some minutes. They are not stored, and end with the process. */
export type AccessTokens = {
  issue(user: User | undefined): IssuedToken;
  /** Undefined for a token that none of ours is. */
  read(token: string): TokenOwner | undefined;
};

type TokenOwner =
  | { readonly kind: "anonymous" }
  | { readonly kind: "user"; readonly name: string; readonly entry: string }
  | { readonly kind: "expired" };

type Claims = { readonly name?: string; readonly entry?: string; readonly until: number };

/** Seconds. Docker asks for at least a minute; who is removed is out at once all the same. */
const lifetime = 900;

/** @param now milliseconds, by a clock that never goes back */
export function createAccessTokens(now: () => number = () => performance.now()): AccessTokens {
  const secret = randomBytes(32);
  const sign = (text: string): Buffer => createHmac("sha256", secret).update(text).digest();
  return {
    issue(user) {
      const claims: Claims = {
        ...(user === undefined ? {} : { name: user.name, entry: entryKey(user) }),
        until: now() + lifetime * 1000,
      };
      const content = Buffer.from(JSON.stringify(claims)).toString("base64url");
      return { token: `${content}.${sign(content).toString("base64url")}`, expiresIn: lifetime };
    },
    read(token) {
      const [content = "", signature = ""] = token.split(".");
      const given = Buffer.from(signature, "base64url");
      const right = sign(content);
      if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
      const claims = JSON.parse(Buffer.from(content, "base64url").toString()) as Claims;
      if (claims.until < now()) return { kind: "expired" };
      const { name, entry = "" } = claims;
      return name === undefined ? { kind: "anonymous" } : { kind: "user", name, entry };
    },
  };
}

/** Whether a token's owner is still this user: with the same password, and the same grants. */
export function isOwner(owner: TokenOwner, user: User): boolean {
  return owner.kind === "user" && owner.name === user.name && owner.entry === entryKey(user);
}

/** Tells one version of a user's entry from another, and nothing of what stands in it. */
function entryKey({ entry }: User): string {
  return createHash("sha256").update(entry).digest("base64url").slice(0, 22);
}
