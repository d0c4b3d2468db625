import { HiveError } from "../base/hive-error.ts";
import type { RemoteCredential } from "../remote/credential.ts";

/**
 * `user:password` as a credential.
 * @param source For messages, which never show what was given: `--creds`.
 * @throws HiveError "usage"
 */
export function parseUserPassword(text: string, source: string): RemoteCredential {
  const colon = text.indexOf(":");
  if (colon > 0 && colon < text.length - 1) {
    return passwordOf(text.slice(0, colon), text.slice(colon + 1), source);
  }
  throw new HiveError("usage", `Cannot use the value of ${source}: it is no user:password`, {
    hint: "Write the name, a colon, and the password.",
  });
}

/** A name and a password as a credential. @throws HiveError "usage" for what no registry could be shown */
export function passwordOf(
  username: string,
  secret: string,
  source: string,
): { readonly username: string; readonly secret: string } {
  // Basic authentication ends the name at the first colon.
  if (/^[^:\p{Cc}]+$/u.test(username) && !/\p{Cc}/u.test(secret)) return { username, secret };
  throw new HiveError("usage", `Cannot use the value of ${source}`, {
    hint: "A name has no colon, and neither it nor the password has line ends or other control characters.",
  });
}

/** A token as a credential. @throws HiveError "usage" for what is none */
export function bearerOf(text: string, source: string): { readonly bearer: string } {
  // It becomes a header.
  if (/^[\x21-\x7e]+$/.test(text)) return { bearer: text };
  throw new HiveError("usage", `Cannot use the value of ${source}: it is no token`, {
    hint: "A token is one line of letters, digits and signs, without spaces.",
  });
}
