/** What to show to a registry. */
export type RemoteCredential =
  /** As `docker login` stores it: without a user name the secret is an identity token. */
  | { readonly username: string; readonly secret: string }
  /** Shown as it is, `Authorization: Bearer ...`, without being asked for. */
  | { readonly bearer: string };

/** The header of Basic authentication; undefined for credentials that are no name and password. */
export function basicHeader(credential: RemoteCredential | undefined): string | undefined {
  if (credential === undefined || "bearer" in credential || credential.username === "") {
    return undefined;
  }
  const { username, secret } = credential;
  return `Basic ${Buffer.from(`${username}:${secret}`).toString("base64")}`;
}
