import { HiveError } from "../base/hive-error.ts";
import type { HelperOptions } from "./credential-helper.ts";
import type { CredentialLookup } from "./credential-lookup.ts";
import { readDockerConfig } from "./docker-config.ts";
import { fileCredentials } from "./file-credentials.ts";

/** Looks up what one file like Docker's config.json has, and the helpers that it names; a missing one is an error. */
export function authfileCredentials(path: string, options: HelperOptions): CredentialLookup {
  return fileCredentials(async () => {
    const config = await readDockerConfig(path);
    if (config !== undefined) return [config];
    throw new HiveError("usage", `Cannot read "${path}": there is no such file`, {
      hint: "Give the path of one that is there.",
    });
  }, options);
}
