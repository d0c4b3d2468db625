import { join, resolve } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import type { App } from "../app.ts";

/** The flag of all commands that work on the registry of this machine. */
export const storageFlag = {
  storage: {
    type: "string",
    valueHint: "directory",
    description:
      "Where the registry of this machine keeps its content (default: hive/registry in the user's data directory)",
  },
} as const;

/**
 * Absolute path of the directory: the flag's, that of HIVE_REGISTRY_STORAGE, which commands outside of the group of `hive
 * registry` heed as well, or the one of this user by the XDG base directories.
 * {@link https://specifications.freedesktop.org/basedir-spec/latest/}
 * @throws HiveError "usage" where there is no home directory.
 */
export function storageDirectory({ env, cwd }: App, flag: string | undefined): string {
  const named = flag ?? (env["HIVE_REGISTRY_STORAGE"] || undefined);
  if (named !== undefined) return resolve(cwd, named);
  const data = env["XDG_DATA_HOME"] ?? "";
  // The specification has relative paths ignored.
  if (data.startsWith("/")) return join(data, "hive", "registry");
  const home = env["HOME"] ?? "";
  if (home !== "") return join(home, ".local", "share", "hive", "registry");
  throw new HiveError(
    "usage",
    "Cannot tell where the registry keeps its content: HOME is not set",
    {
      hint: "Name the directory with --storage.",
    },
  );
}
