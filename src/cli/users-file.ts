import { join, resolve } from "node:path";
import type { App } from "./app.ts";
import { storageDirectory, storageFlag } from "./registry-storage.ts";

/** Which users a command is about. */
export const usersFlags = {
  users: {
    type: "string",
    valueHint: "file",
    description: "The users file (default: users in the storage of this machine's registry)",
  },
  ...storageFlag,
} as const;

/** Absolute path of the users file. @throws HiveError "usage" where there is no home directory. */
export function usersFile(
  app: App,
  flags: { readonly users?: string | undefined; readonly storage?: string | undefined },
): string {
  if (flags.users !== undefined) return resolve(app.cwd, flags.users);
  return join(storageDirectory(app, flags.storage), "users");
}
