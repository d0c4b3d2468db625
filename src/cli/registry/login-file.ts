import { resolve } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { dockerConfigPath } from "../../credentials/config-paths.ts";
import type { App } from "../app.ts";

/** Which file logins are stored in. */
export const loginFileFlag = {
  authfile: {
    type: "string",
    valueHint: "file",
    description: "The file, in the form of Docker's config.json (default: that one itself)",
  },
} as const;

/** Its absolute path. @throws HiveError "usage" where there is no home directory */
export function loginFile({ env, cwd }: App, flag: string | undefined): string {
  const path = flag ?? dockerConfigPath(env);
  if (path !== undefined) return resolve(cwd, path);
  throw new HiveError("usage", "Cannot tell where logins are stored: HOME is not set", {
    hint: "Name the file with --authfile, or its directory with DOCKER_CONFIG.",
  });
}
