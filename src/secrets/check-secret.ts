import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { envSecret } from "./env-secret.ts";
import { fileSecret } from "./file-secret.ts";
import { type Secret, secretError } from "./secret.ts";
import { vaultReference } from "./vault-reference.ts";
import { vaultSettings, VaultSettingsError } from "./vault-settings.ts";

/**
 * Why a secret can't be resolved, as far as that can be told without a network: the variable is not set, the file can't
 * be read, Vault's address or token is missing. Undefined when nothing is wrong.
 */
export async function checkSecret(
  secret: Secret,
  env: Environment,
): Promise<HiveError | undefined> {
  try {
    if (secret.source === "env") envSecret(secret, env);
    if (secret.source === "file") await fileSecret(secret, env);
    if (secret.source === "vault") {
      vaultReference(secret);
      await vaultSettings(env);
    }
    return undefined;
  } catch (error) {
    if (error instanceof HiveError) return error;
    if (!(error instanceof VaultSettingsError)) throw error;
    return secretError(secret, error.message, { hint: error.hint });
  }
}
