import type { RemoteCredential } from "../remote/credential.ts";

/** The fields of an entry of `auths` that hold a credential. */
export const secretFields = ["auth", "username", "password", "identitytoken", "registrytoken"];

/** What an entry of `auths` holds; undefined when it holds nothing. */
export function readAuthEntry(
  entry: Readonly<Record<string, unknown>>,
): RemoteCredential | undefined {
  const { registrytoken, identitytoken, username, password, auth } = entry;
  if (isText(registrytoken)) return { bearer: registrytoken };
  if (isText(identitytoken)) return { username: "", secret: identitytoken };
  if (isText(username) && isText(password)) return { username, secret: password };
  const text = Buffer.from(isText(auth) ? auth : "", "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 1) return undefined;
  const secret = text.slice(colon + 1).replace(/\0+$/, "");
  return secret === "" ? undefined : { username: text.slice(0, colon), secret };
}

/** The same the other way, as docker writes it: plain, but for base64. */
export function makeAuthEntry(credential: RemoteCredential): Record<string, string> {
  if ("bearer" in credential) return { registrytoken: credential.bearer };
  const { username, secret } = credential;
  if (username === "") return { identitytoken: secret };
  return { auth: Buffer.from(`${username}:${secret}`).toString("base64") };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
