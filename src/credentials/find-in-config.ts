import type { RemoteCredential } from "../remote/credential.ts";
import { readAuthEntry } from "./auth-entry.ts";
import { helperKeys, normalKey, partKeys, storedKey } from "./registry-keys.ts";
import type { DockerConfig } from "./docker-config.ts";

/** Asks a helper for a key; undefined when it has nothing. */
export type AskHelper = (helper: string, key: string) => Promise<RemoteCredential | undefined>;

/**
 * What a file has for a registry: for a part of it that the repository is in, then what the helper for the host has,
 * then for the host.
 */
export async function findInConfig(
  config: DockerConfig,
  { host, repository }: { readonly host: string; readonly repository: string | undefined },
  ask: AskHelper,
): Promise<RemoteCredential | undefined> {
  const entries = entriesByKey(config);
  for (const key of repository === undefined ? [] : partKeys(host, repository)) {
    const found = entries.get(key);
    if (found !== undefined) return found;
  }
  const helper = helperFor(config, host);
  if (helper !== undefined) {
    for (const key of helperKeys(host)) {
      const found = await ask(helper, key);
      if (found !== undefined) return found;
    }
  }
  return entries.get(normalKey(host));
}

/** The helper that has the credentials of a host, if any has. */
export function helperFor(
  { credHelpers, credsStore }: DockerConfig,
  host: string,
): string | undefined {
  const named = [...credHelpers].find(([key]) => normalKey(key) === normalKey(host));
  return named?.[1] ?? credsStore;
}

function entriesByKey({ auths }: DockerConfig): Map<string, RemoteCredential> {
  const found = new Map<string, RemoteCredential>();
  for (const [key, entry] of auths) {
    const credential = readAuthEntry(entry);
    const normal = normalKey(key);
    // The key of docker itself counts more than others for the same host.
    if (credential !== undefined && (key === storedKey(normal) || !found.has(normal))) {
      found.set(normal, credential);
    }
  }
  return found;
}
