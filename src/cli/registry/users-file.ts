import { join, resolve } from "node:path";
import type { App } from "../app.ts";
import { storageDirectory, storageFlag } from "./storage-directory.ts";

/** Which users a command is about. */
export const usersFlags = {
  htpasswd: {
    type: "string",
    valueHint: "file",
    description: "The users file (default: that of the secure registry of this machine)",
  },
  ...storageFlag,
} as const;

/** Absolute path of the users file. @throws HiveError "usage" where there is no home directory. */
export function findUsersFile(
  app: App,
  flags: { readonly htpasswd?: string | undefined; readonly storage?: string | undefined },
): string {
  if (flags.htpasswd !== undefined) return resolve(app.cwd, flags.htpasswd);
  return usersFile(storageDirectory(app, flags.storage));
}

/** The users of a secure registry. */
export function usersFile(storage: string): string {
  return join(storage, "users");
}
