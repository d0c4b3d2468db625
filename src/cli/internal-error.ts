import type { Environment } from "../base/environment.ts";

/** How a bug of ours is told: one line, and where it is only when asked for. */
export function describeInternalError(
  error: unknown,
  env: Environment,
): { readonly message: string; readonly hint: string | undefined } {
  const debug = (env["HIVE_DEBUG"] ?? "") !== "";
  const message =
    error instanceof Error ? ((debug ? error.stack : undefined) ?? error.message) : String(error);
  return { message, hint: debug ? undefined : "this is a bug in hive; HIVE_DEBUG=1 shows where" };
}
