import { type Environment, environmentValue } from "../base/environment.ts";
import { type Secret, secretError } from "./secret.ts";

/**
 * The value of an environment variable. It may be empty.
 * @throws HiveError failed when it is not set
 */
export function envSecret(secret: Secret, env: Environment): Uint8Array {
  const name = secret.value.reveal();
  const value = environmentValue(env, name);
  if (value === undefined) {
    throw secretError(secret, `the environment variable ${name} is not set`, {
      hint: `Set it: export ${name}=...`,
    });
  }
  return new TextEncoder().encode(value);
}
