import type { Environment } from "../base/environment.ts";

/** Variables that hold credentials of registries: those of the mode `env`, and flags that are one. */
const secretVariable = /^HIVE_(?:\w+_)?(?:TOKEN|PASSWORD|CREDS)$/;

/** The environment for programs that are none of ours: what is for one registry is not for them. */
export function withoutSecrets(env: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secretVariable.test(name)));
}
