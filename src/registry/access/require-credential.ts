import { type Authenticate, fullAccess, unauthorized } from "./access.ts";
import { createSecretCheck } from "./secret-check.ts";

/** What a client shows to be let in. */
export type RegistryCredential = { readonly username: string; readonly secret: string };

/**
 * Gives everything to requests with this credential, and nothing to others: 401 with a challenge.
 * {@link https://www.rfc-editor.org/rfc/rfc7617}
 */
export function requireCredential(credential: RegistryCredential): Authenticate {
  const { username, secret } = credential;
  const encoded = Buffer.from(`${username}:${secret}`).toString("base64");
  const isExpected = createSecretCheck(`Basic ${encoded}`);
  return (request) => {
    const given = request.headers.get("authorization")?.replace(/^basic /i, "Basic ") ?? "";
    if (isExpected(given)) return fullAccess;
    throw unauthorized('Basic realm="hive"');
  };
}
