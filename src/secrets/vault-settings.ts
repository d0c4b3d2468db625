import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";

/** How to reach a Vault. */
export type VaultSettings = {
  /** Without a slash at its end: `https://vault.example.org:8200`. */
  readonly address: string;
  readonly token: string;
  readonly namespace?: string;
  /** PEM; the system's authorities when absent. */
  readonly authorities?: string;
};

/** What is missing or wrong of the settings, as a reason; and what to do about it. */
export class VaultSettingsError extends Error {
  override readonly name = "VaultSettingsError";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * Reads what Vault's own tool reads: VAULT_ADDR, VAULT_TOKEN or ~/.vault-token, VAULT_NAMESPACE, VAULT_CACERT.
 * {@link https://developer.hashicorp.com/vault/docs/commands#environment-variables}
 * @throws VaultSettingsError
 */
export async function vaultSettings(env: Environment): Promise<VaultSettings> {
  const address = (env["VAULT_ADDR"] ?? "").replace(/\/+$/, "");
  if (address === "") throw new VaultSettingsError("VAULT_ADDR is not set", addressHint);
  if (!/^https?:$/.test(URL.parse(address)?.protocol ?? "")) {
    throw new VaultSettingsError("VAULT_ADDR is no http or https address", addressHint);
  }
  const token = env["VAULT_TOKEN"] || (await storedToken(env));
  if (token === "") {
    throw new VaultSettingsError(
      "there is no token: VAULT_TOKEN is not set, and ~/.vault-token holds none",
      "Log in with: vault login, or set VAULT_TOKEN.",
    );
  }
  const namespace = env["VAULT_NAMESPACE"] ?? "";
  const authorities = await readAuthorities(env["VAULT_CACERT"] ?? "");
  return {
    address,
    token,
    ...(namespace === "" ? {} : { namespace }),
    ...(authorities === undefined ? {} : { authorities }),
  };
}

const addressHint = "Set it to the server's address: export VAULT_ADDR=https://vault.example.org";

async function storedToken(env: Environment): Promise<string> {
  const home = env["HOME"] ?? "";
  if (home === "") return "";
  try {
    return (await readFile(join(home, ".vault-token"), "utf8")).trim();
  } catch (error) {
    if (isMissingFile(error)) return "";
    const reason = `cannot read ~/.vault-token: ${systemErrorCode(error) ?? String(error)}`;
    throw new VaultSettingsError(reason, "Mend the file, or set VAULT_TOKEN.");
  }
}

async function readAuthorities(path: string): Promise<string | undefined> {
  if (path === "") return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = `cannot read VAULT_CACERT: ${systemErrorCode(error) ?? String(error)}`;
    throw new VaultSettingsError(reason, "It names a PEM file with the server's authority.");
  }
}
