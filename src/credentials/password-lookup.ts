import type { CredentialLookup } from "./credential-lookup.ts";

/** What to show to a registry, as a daemon can be told it; the user name is empty when the secret is an identity token. */
type Password = { readonly username: string; readonly secret: string };

/** The same lookup for who knows of no tokens that are shown as they are: these are left out. */
export function passwordLookup(
  lookup: CredentialLookup,
): (host: string) => Promise<Password | undefined> {
  return async (host) => {
    const found = await lookup(host);
    return found === undefined || "bearer" in found ? undefined : found;
  };
}
