import { askHelper, type HelperOptions } from "./credential-helper.ts";
import type { CredentialLookup } from "./credential-lookup.ts";
import type { DockerConfig } from "./docker-config.ts";
import { type AskHelper, findInConfig } from "./find-in-config.ts";

/**
 * Looks up what is stored in files like Docker's config.json, and in the helpers that these name: the first file that has
 * something for a registry counts. Files are read when first asked for and helpers asked for the same thing once.
 */
export function fileCredentials(
  read: () => Promise<readonly DockerConfig[]>,
  options: HelperOptions,
): CredentialLookup {
  let configs: ReturnType<typeof read> | undefined;
  const answers = new Map<string, ReturnType<AskHelper>>();

  const ask: AskHelper = (helper, key) => {
    const name = `${helper} ${key}`;
    const answer = answers.get(name) ?? askHelper(helper, key, options);
    answers.set(name, answer);
    return answer;
  };

  return async (host, repository) => {
    configs ??= read();
    for (const config of await configs) {
      const found = await findInConfig(config, { host, repository }, ask);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
