import type { RemoteCredential } from "../remote/credential.ts";

/**
 * Finds what to show to a registry; undefined where there is nothing.
 * @param host `host[:port]`, as it stands before the name in a reference.
 * @param repository What it is for: podman keeps credentials also for a part of a registry.
 * @throws HiveError "unauthorized" when a file or a helper is broken; no error holds a secret.
 */
export type CredentialLookup = (
  host: string,
  repository?: string,
) => Promise<RemoteCredential | undefined>;
