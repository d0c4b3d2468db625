import { resolve } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { authfileCredentials } from "../../credentials/authfile-credentials.ts";
import { bearerOf, parseUserPassword } from "../../credentials/given-credential.ts";
import { homeCredentials } from "../../credentials/home-credentials.ts";
import { readCredsfile } from "../../credentials/read-credsfile.ts";
import { credentialVariables, variableCredential } from "../../credentials/variable-credential.ts";
import type { RemoteCredential } from "../../remote/credential.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import type { App } from "../app.ts";
import { readAddress } from "../find-target-registry.ts";
import type { CredentialChoice } from "./choose-credential.ts";
import { bindToRegistry } from "./bind-to-registry.ts";

/** `host[:port]`, and what it is for where that is one repository. */
export type CredentialTarget = { readonly host: string; readonly repository?: string | undefined };

/**
 * What to show to a registry as a flag says, or by default: what logins stored.
 * @throws HiveError "usage", "unauthorized"; none holds a secret
 */
export async function findCredential(
  app: App,
  choice: CredentialChoice | undefined,
  { host, repository }: CredentialTarget,
): Promise<RemoteCredential | undefined> {
  const { env, signal } = app;
  switch (choice?.mode) {
    case "none":
      return undefined;
    case "authfile":
      return await authfileCredentials(resolve(app.cwd, choice.value), { env, signal })(
        host,
        repository,
      );
    case "credsfile":
      bindToRegistry(app, choice.flag, host);
      return await readCredsfile(resolve(app.cwd, choice.value));
    case "env":
      bindToRegistry(app, `${choice.flag}=env`, host);
      return fromEnvironment(app);
    case "creds":
    case "token":
      if (bindToRegistry(app, choice.flag, host) && choice.given) warnOfList(app, choice.flag);
      return choice.mode === "token"
        ? bearerOf(choice.value, choice.flag)
        : parseUserPassword(choice.value, choice.flag);
    case "home":
    case undefined:
      return await byDefault(app, { host, repository });
  }
}

function fromEnvironment({ env }: App): RemoteCredential {
  const found = variableCredential(env, "the environment");
  if (found !== undefined) return found;
  throw new HiveError("usage", "There is no credential in the environment", {
    hint: `Set ${credentialVariables[0]} and ${credentialVariables[1]}, or ${credentialVariables[2]}.`,
  });
}

/**
 * What the environment has goes by itself only where the environment says: not to whatever registry a reference or a
 * project names.
 */
async function byDefault(
  app: App,
  target: CredentialTarget,
): Promise<RemoteCredential | undefined> {
  const { env, signal } = app;
  const inEnvironment = credentialVariables.some((name) => env[name]);
  if (inEnvironment && hostOf(env["HIVE_REGISTRY"]) === target.host) {
    return variableCredential(env, "the environment");
  }
  const found = await homeCredentials(env, { signal })(target.host, target.repository);
  if (found === undefined && inEnvironment) {
    app.log.info(
      `HIVE_REGISTRY_* are not shown to ${target.host}: HIVE_REGISTRY names another registry, or none; --auth=env does`,
    );
  }
  return found;
}

function hostOf(address: string | undefined): string | undefined {
  if (!address) return undefined;
  try {
    return parseRegistryAddress(readAddress(address).address).host;
  } catch {
    // Whoever needs it says so.
    return undefined;
  }
}

function warnOfList({ log }: App, flag: string): void {
  log.warn(
    `The shell's history keeps what ${flag} was given, and ps shows it: hive login, --credsfile or --auth=env do not`,
  );
}
