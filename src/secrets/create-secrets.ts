import type { Environment } from "../base/environment.ts";
import { envSecret } from "./env-secret.ts";
import { fileSecret } from "./file-secret.ts";
import { readVault, type ReadVaultOptions, VaultError, type VaultFields } from "./read-vault.ts";
import { type Secret, secretError } from "./secret.ts";
import { vaultReference } from "./vault-reference.ts";
import { vaultSettings, VaultSettingsError } from "./vault-settings.ts";

/** The secrets of one run. Their values are in memory and nowhere else. */
export type Secrets = {
  /**
   * A secret's value. Each is looked up once, and each path of a Vault is read once, however many secrets name it.
   * @throws HiveError failed, with the place of the declaration; the signal's reason when it aborts
   */
  resolve(secret: Secret): Promise<Uint8Array>;
};

/** Nothing is looked up before it is asked for. */
export function createSecrets(env: Environment, options: ReadVaultOptions): Secrets {
  const known = new Map<string, Promise<Uint8Array>>();
  const vaultPaths = new Map<string, Promise<VaultFields>>();

  async function lookUp(secret: Secret): Promise<Uint8Array> {
    switch (secret.source) {
      case "env":
        return envSecret(secret, env);
      case "plain":
        return new TextEncoder().encode(secret.value.reveal());
      case "file":
        return await fileSecret(secret, env);
      case "vault":
        return await vaultSecret(secret);
    }
  }

  async function vaultSecret(secret: Secret): Promise<Uint8Array> {
    const { path, field } = vaultReference(secret);
    try {
      const value = (await readOnce(path))[field];
      if (value === undefined || value === null) {
        throw secretError(secret, `"${path}" in Vault has no field "${field}"`);
      }
      return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
    } catch (error) {
      if (error instanceof VaultSettingsError) {
        throw secretError(secret, error.message, { hint: error.hint });
      }
      if (!(error instanceof VaultError)) throw error;
      throw secretError(secret, `cannot read "${field}" of "${path}" in Vault: ${error.message}`, {
        hint: `See whether VAULT_ADDR and the token are right: vault kv get ${path}`,
      });
    }
  }

  function readOnce(path: string): Promise<VaultFields> {
    const reading =
      vaultPaths.get(path) ??
      vaultSettings(env).then((settings) => readVault(path, settings, options));
    vaultPaths.set(path, reading);
    return reading;
  }

  return {
    resolve(secret) {
      const { id, source, value, place } = secret;
      const key = JSON.stringify([id, source, value.reveal(), place]);
      const resolved = known.get(key) ?? lookUp(secret);
      known.set(key, resolved);
      return resolved;
    },
  };
}
