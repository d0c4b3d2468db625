import type { HelperOptions } from "./credential-helper.ts";
import { helperProgram } from "./credential-helper.ts";
import type { CredentialLookup } from "./credential-lookup.ts";
import { dockerConfigPath, podmanAuthPaths } from "./config-paths.ts";
import { type DockerConfig, readDockerConfig } from "./docker-config.ts";
import { fileCredentials } from "./file-credentials.ts";
import type { Environment } from "../base/environment.ts";

/**
 * Looks up what `hive login`, `docker login` and `podman login` stored: in Docker's config.json with its helpers, then in
 * podman's auth.json.
 * {@link https://docs.docker.com/reference/cli/docker/login/#credential-stores}
 */
export function homeCredentials(
  env: Environment,
  options: Omit<HelperOptions, "env"> = {},
): CredentialLookup {
  return fileCredentials(() => readHome(env), { env, ...options });
}

/**
 * The programs that these files name for credentials, each once: `docker-credential-pass`.
 * @throws HiveError "unauthorized" when a file can't be read
 */
export async function credentialHelpers(env: Environment): Promise<string[]> {
  const configs = await readHome(env);
  const named = configs.flatMap(({ credsStore, credHelpers }) => [
    ...(credsStore === undefined ? [] : [credsStore]),
    ...credHelpers.values(),
  ]);
  return [...new Set(named)].map(helperProgram);
}

async function readHome(env: Environment): Promise<DockerConfig[]> {
  const paths = [dockerConfigPath(env) ?? [], podmanAuthPaths(env)].flat();
  const configs = await Promise.all(paths.map(readDockerConfig));
  return configs.filter((config) => config !== undefined);
}
