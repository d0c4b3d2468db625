import { type Secret, secretError, type SecretOptions } from "./secret.ts";

const variablePattern = /^(?:\$?([A-Za-z_][A-Za-z0-9_]*)|\$\{([A-Za-z_][A-Za-z0-9_]*)\})$/;

/**
 * The value of an environment variable, named as `API_KEY`, `$API_KEY` or `${API_KEY}`. It may be empty.
 * @throws HiveError failed when it is not set, or named as no variable can be
 */
export function envSecret(secret: Secret, { env }: Pick<SecretOptions, "env">): Uint8Array {
  const [, plain, braced] = variablePattern.exec(secret.value.reveal()) ?? [];
  const name = plain ?? braced;
  // Not quoted: somebody may have put the secret itself there.
  if (name === undefined) {
    throw secretError(secret, "its value is no name of an environment variable", {
      hint: "Write it as API_KEY or ${API_KEY}.",
    });
  }
  const value = env[name];
  if (value === undefined) {
    throw secretError(secret, `the environment variable ${name} is not set`, {
      hint: `Set it: export ${name}=...`,
    });
  }
  return new TextEncoder().encode(value);
}
