import type { Environment } from "../base/environment.ts";

/**
 * `text` with `${VAR}` and `${VAR:-default}` replaced; an empty variable counts as unset for the default.
 * @throws SyntaxError naming the variable that is neither set nor has a default.
 */
export function expandVariables(text: string, environment: Environment): string {
  return text.replaceAll(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (_, name: string, fallback: string | undefined) => {
      const value = environment[name];
      if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
      if (value === undefined) throw new SyntaxError(`environment variable ${name} is not set`);
      return value;
    },
  );
}
