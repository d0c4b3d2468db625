import { globalFlags } from "./global-flags.ts";

/**
 * The environment variable that stands for a flag: `HIVE_ON_FAILURE` for `on-failure`.
 * The flags of a group's commands have the group's name before theirs, so that `HIVE_REGISTRY_PORT` is no port of
 * anything else, and the same for all commands of the group. A flag named as its group has that name once.
 */
export function environmentName(flag: string, group?: string): string {
  const own = group === undefined || flag === group || flag in globalFlags;
  return `HIVE_${own ? "" : `${group}_`}${flag}`.replaceAll("-", "_").toUpperCase();
}

/** The group whose name a command's flags have in the environment: the outermost, `registry` of `registry user add`. */
export function groupOfFlags(path: readonly string[]): string | undefined {
  return path.length > 1 ? path[0] : undefined;
}
