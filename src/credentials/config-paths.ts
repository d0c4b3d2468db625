import { join } from "node:path";
import type { Environment } from "../base/environment.ts";

/** Docker's config.json; undefined where there is no home directory. */
export function dockerConfigPath(env: Environment): string | undefined {
  const home = env["HOME"] || undefined;
  const directory = env["DOCKER_CONFIG"] || (home && join(home, ".docker"));
  return directory && join(directory, "config.json");
}

/**
 * Where podman, skopeo and buildah look for credentials, in their order: a file that is named stands for all others.
 * {@link https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md}
 */
export function podmanAuthPaths(env: Environment): string[] {
  const named = env["REGISTRY_AUTH_FILE"];
  if (named) return [named];
  const runtime = env["XDG_RUNTIME_DIR"];
  const home = env["HOME"];
  const config = env["XDG_CONFIG_HOME"] || (home && join(home, ".config"));
  return [runtime, config].flatMap((each) => (each ? join(each, "containers", "auth.json") : []));
}
