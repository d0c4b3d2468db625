import type { Environment } from "../../base/environment.ts";
import { parseReference } from "../../oci/reference.ts";
import type { CacheSettings } from "./cache-entries.ts";

/**
 * Whether the server of a cache says anything in time. One that takes connections and keeps silent is worse than none:
 * the daemon has no limit for that, and all builds with the same steps would wait with it, those without a cache too.
 * Everything else, a refusal included, the daemon can tell by itself.
 * @param timeout milliseconds
 */
export async function isSilent(
  settings: CacheSettings,
  env: Environment,
  timeout: number,
): Promise<boolean> {
  const url = urlOf(settings, env);
  if (url === undefined) return false;
  const late = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, { redirect: "manual", signal: late });
    await response.body?.cancel();
    return false;
  } catch {
    return late.aborted;
  }
}

function urlOf(settings: CacheSettings, env: Environment): string | undefined {
  switch (settings.type) {
    case "registry": {
      const { registry = "docker.io" } = parseReference(settings.ref);
      const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
      const isPlain = settings.insecure === true || /^(?:localhost|127\.|\[::1\])/.test(host);
      return `${isPlain ? "http" : "https"}://${host}/v2/`;
    }
    case "s3":
      return settings.endpoint;
    case "gha":
      return env["ACTIONS_RESULTS_URL"] || env["ACTIONS_CACHE_URL"];
    case "local":
    case "inline":
      return undefined;
  }
}
