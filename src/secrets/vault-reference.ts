import { type Secret, secretError } from "./secret.ts";

/** One field of a secret in a Vault: `vault://kv/team/app#password`. */
export type VaultReference = {
  /** With the mount, without slashes at its ends: `kv/team/app`. */
  readonly path: string;
  readonly field: string;
};

/**
 * Reads `vault://<path>#<field>`.
 * @throws HiveError failed
 */
export function vaultReference(secret: Secret): VaultReference {
  const [, path = "", field = ""] = /^vault:\/\/([^#]*)#(.+)$/.exec(secret.value.reveal()) ?? [];
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  const parts = trimmed.split("/");
  const isPath = parts.length > 1 && parts.every((part) => !["", ".", ".."].includes(part));
  // Not quoted: somebody may have put the secret itself there.
  if (!isPath) {
    throw secretError(secret, "its value is not vault://<path>#<field>", {
      hint: "Write it as vault://secret/team/app#password: mount and path, then the field.",
    });
  }
  return { path: trimmed, field };
}
