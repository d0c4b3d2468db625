import { timingSafeEqual } from "node:crypto";
import { RegistryError } from "./registry-error.ts";

/** What a client shows to be let in. */
export type RegistryCredential = { readonly username: string; readonly secret: string };

/**
 * Lets in requests with this credential, and no other. Throws RegistryError 401 with a challenge.
 * {@link https://www.rfc-editor.org/rfc/rfc7617}
 */
export function requireCredential(credential: RegistryCredential): (request: Request) => void {
  const { username, secret } = credential;
  const expected = hash(`Basic ${Buffer.from(`${username}:${secret}`).toString("base64")}`);
  return (request) => {
    // Hashes have one length, so the comparison tells nothing about how far a guess was right.
    const given = hash(request.headers.get("authorization")?.replace(/^basic /i, "Basic ") ?? "");
    if (timingSafeEqual(given, expected)) return;
    throw new RegistryError(401, "UNAUTHORIZED", "authentication required", {
      "WWW-Authenticate": 'Basic realm="hive"',
      "Docker-Distribution-Api-Version": "registry/2.0",
    });
  };
}

function hash(text: string): Buffer {
  return new Bun.CryptoHasher("sha256").update(text).digest();
}
