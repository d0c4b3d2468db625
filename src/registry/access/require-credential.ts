import { timingSafeEqual } from "node:crypto";
import { type Authenticate, fullAccess, unauthorized } from "./access.ts";

/** What a client shows to be let in. */
export type RegistryCredential = { readonly username: string; readonly secret: string };

/**
 * Gives everything to requests with this credential, and nothing to others: 401 with a challenge.
 * {@link https://www.rfc-editor.org/rfc/rfc7617}
 */
export function requireCredential(credential: RegistryCredential): Authenticate {
  const { username, secret } = credential;
  const expected = hash(`Basic ${Buffer.from(`${username}:${secret}`).toString("base64")}`);
  return (request) => {
    // Hashes have one length, so the comparison tells nothing about how far a guess was right.
    const given = hash(request.headers.get("authorization")?.replace(/^basic /i, "Basic ") ?? "");
    if (timingSafeEqual(given, expected)) return fullAccess;
    throw unauthorized('Basic realm="hive"');
  };
}

function hash(text: string): Buffer {
  return new Bun.CryptoHasher("sha256").update(text).digest();
}
