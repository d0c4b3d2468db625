import { join } from "node:path";
import type { Environment } from "./environment.ts";

/**
 * Where hive keeps what it can find out or get again: `$XDG_CACHE_HOME/hive`, else `~/.cache/hive`. Undefined without a home.
 * {@link https://specifications.freedesktop.org/basedir-spec/latest/} Relative paths are to be ignored.
 */
export function cacheDirectory(env: Environment): string | undefined {
  const cache = env["XDG_CACHE_HOME"] ?? "";
  if (cache.startsWith("/")) return join(cache, "hive");
  const home = env["HOME"] ?? "";
  return home.startsWith("/") ? join(home, ".cache", "hive") : undefined;
}
