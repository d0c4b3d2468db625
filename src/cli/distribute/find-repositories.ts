import { HiveError } from "../../base/hive-error.ts";
import { isRepositoryName } from "../../oci/reference.ts";
import { within } from "../../oci/within.ts";
import { globPattern, isGlob } from "../../plan/glob-pattern.ts";
import type { Project } from "../../project/project.ts";
import { findNamedRegistry } from "../find-named-registry.ts";
import type { PruneTarget } from "./open-prune-target.ts";

/**
 * The repositories that names and globs mean, sorted; without any all that there are. What belongs to another registry of
 * hive.yml, at a path of the same host, is none of them.
 * @throws HiveError "usage" for a name that can't be, a glob of nothing, and what belongs elsewhere
 */
export async function findRepositories(
  patterns: readonly string[],
  { registry, prefix, named }: PruneTarget,
  project: Project | undefined,
): Promise<readonly string[]> {
  const owner = (name: string): string | undefined =>
    project === undefined ? undefined : findNamedRegistry(project, registry.host, name)?.name;
  const isElsewhere = (name: string): boolean => owner(name) !== named?.name;

  const found = new Set<string>();
  for (const pattern of patterns.filter((one) => !isGlob(one))) {
    const name = within(prefix, pattern);
    if (!isRepositoryName(name)) {
      throw new HiveError("usage", `Cannot prune "${pattern}": it is no name of a repository`, {
        hint: "Write it as team/app, without registry and tag.",
      });
    }
    if (isElsewhere(name)) {
      throw new HiveError("usage", `Cannot prune ${name} on ${registry.host}: it is another's`, {
        hint: `hive.yml says that it belongs to "${owner(name) ?? ""}": name that with --registry.`,
      });
    }
    found.add(name);
  }
  const globs = patterns.filter(isGlob).map((pattern) => ({ pattern, glob: globPattern(pattern) }));
  if (globs.length > 0 || patterns.length === 0) {
    const start = prefix === "" ? "" : `${prefix}/`;
    const names = (await Array.fromAsync(registry.catalog()))
      .filter((name) => name.startsWith(start) && !isElsewhere(name))
      .map((name) => name.slice(start.length));
    const nothing = globs.find(({ glob }) => !names.some((name) => glob.test(name)));
    if (nothing !== undefined) {
      throw new HiveError(
        "usage",
        `No repository on ${registry.host} matches "${nothing.pattern}"`,
        {
          hint: "`hive registry catalog` shows what there is.",
        },
      );
    }
    for (const name of names) {
      if (patterns.length === 0 || globs.some(({ glob }) => glob.test(name))) {
        found.add(within(prefix, name));
      }
    }
  }
  return [...found].toSorted();
}
