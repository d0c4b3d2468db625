import type { Environment } from "../base/environment.ts";
import { searchPath } from "../base/search-path.ts";

/**
 * What a daemon that outlives the command sees of its environment: what it needs to find programs, registries and its
 * directories, and none of the tokens and keys that may be in there.
 */
export function daemonEnvironment(
  env: Environment,
  directories: readonly string[],
): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => isNeeded(name)) as [string, string][];
  return { ...Object.fromEntries(kept), PATH: daemonPath(env, directories) };
}

/** The proxies alone, for a daemon whose file system is another. */
export function proxySettings(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    proxies.test(name) && value !== undefined && value !== "" ? [`${name}=${value}`] : [],
  );
}

/** Where daemons look for programs: `directories` first, and last where system programs are, as not every PATH has it. */
export function daemonPath(env: Environment, directories: readonly string[] = []): string {
  const all = [
    ...directories,
    ...searchPath(env).split(":"),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
  ];
  return [...new Set(all)].filter((directory) => directory !== "").join(":");
}

const proxies = /^(?:https?|ftp|all|no)_proxy$/i;
const needed =
  /^(?:HOME|USER|LOGNAME|LANG|LC_\w+|TMPDIR|XDG_\w+|SSL_CERT_(?:FILE|DIR)|DBUS_SESSION_BUS_ADDRESS)$/;

function isNeeded(name: string): boolean {
  return needed.test(name) || proxies.test(name);
}
