import type { ArgsDef } from "citty";

/** What to show to a registry. At most one of them is used; none means what logins stored. */
export const credentialFlags = {
  auth: {
    type: "enum",
    options: ["home", "none", "env"],
    valueHint: "mode",
    description:
      "Credentials: home (what logins stored, the default), none, or env (HIVE_REGISTRY_USER and _PASSWORD, or _TOKEN)",
  },
  authfile: {
    type: "string",
    valueHint: "file",
    description: "Credentials from this file, in the form of Docker's config.json",
  },
  credsfile: {
    type: "string",
    valueHint: "file",
    description: "Credentials from this file of KEY=value lines, which only its owner may read",
  },
  creds: {
    type: "string",
    valueHint: "user:password",
    description: "Name and password; others may see them in the list of processes",
  },
  token: {
    type: "string",
    valueHint: "token",
    description: "A bearer token; others may see it in the list of processes",
  },
} as const satisfies ArgsDef;

export type CredentialFlag = keyof typeof credentialFlags;

export type CredentialFlags = { readonly [Name in CredentialFlag]?: string | undefined };
