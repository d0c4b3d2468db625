import { isAbsolute } from "node:path";
import type { Environment } from "./environment.ts";

/**
 * PATH as programs are to be looked for: without its relative entries, empty ones included. They would be places in the
 * project that hive is run in, which may be somebody else's.
 */
export function searchPath(env: Environment): string {
  return (env["PATH"] ?? "").split(":").filter(isAbsolute).join(":");
}
