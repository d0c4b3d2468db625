import { HiveError } from "../base/hive-error.ts";
import type { RemoteCredential } from "../remote/credential.ts";
import { bearerOf, passwordOf } from "./given-credential.ts";

/** The names of what is read from the environment, or from a file of them. */
export const credentialVariables = [
  "HIVE_REGISTRY_USER",
  "HIVE_REGISTRY_PASSWORD",
  "HIVE_REGISTRY_TOKEN",
] as const;

/**
 * The credential that variables hold; the token wins. Undefined when they hold none.
 * @param source For messages: where they are.
 * @throws HiveError "usage" for half a credential
 */
export function variableCredential(
  values: Readonly<Record<string, string | undefined>>,
  source: string,
): RemoteCredential | undefined {
  const [user, password, token] = credentialVariables.map((name) => values[name] || undefined);
  if (token !== undefined) return bearerOf(token, `HIVE_REGISTRY_TOKEN in ${source}`);
  if (user === undefined && password === undefined) return undefined;
  if (user !== undefined && password !== undefined) {
    return passwordOf(user, password, `HIVE_REGISTRY_USER in ${source}`);
  }
  const [there, missing] =
    user === undefined
      ? ["HIVE_REGISTRY_PASSWORD", "HIVE_REGISTRY_USER"]
      : ["HIVE_REGISTRY_USER", "HIVE_REGISTRY_PASSWORD"];
  throw new HiveError("usage", `${there} is set in ${source}, but not ${missing}`, {
    hint: "Set both, or HIVE_REGISTRY_TOKEN.",
  });
}
