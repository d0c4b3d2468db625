import { type Secret, secretError } from "./secret.ts";

/** One field of a secret in a Vault: `vault://kv/team/app#password`. */
export type VaultReference = {
  /** With the mount, without slashes at its ends: `kv/team/app`. */
  readonly path: string;
  readonly field: string;
};

/** Parts of every Vault that are about itself, its tokens and who may do what. */
const notStores = new Set(["auth", "sys", "identity"]);

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
  // No key-value engine is there, but the token itself: a step could do all that it may.
  if (notStores.has(parts[0] ?? "")) {
    throw secretError(secret, `"${parts[0]}/" in Vault is no key-value engine`, {
      hint: "Write it as vault://secret/team/app#password: mount and path, then the field.",
    });
  }
  return { path: trimmed, field };
}
