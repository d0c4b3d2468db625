import { HiveError } from "../../base/hive-error.ts";
import type { Project } from "../../project/project.ts";
import type { FoundRegistry } from "../find-named-registry.ts";
import { unknownRegistry } from "../unknown-registry.ts";

/**
 * The registry whose `mirror` says what it has copies of: the one that is asked for by its name, else the one of role archive, else the one that mirrors anything.
 * @throws HiveError "usage" when there is none, or more than one
 */
export function chooseArchive(
  registries: Project["registries"],
  name: string | undefined,
): FoundRegistry {
  if (name !== undefined) {
    const settings = registries.get(name);
    if (settings !== undefined) return { name, settings };
    throw unknownRegistry(name, registries, `Add it to "registries".`);
  }
  const all = [...registries].map(([each, settings]) => ({ name: each, settings }));
  const archives = all.filter(({ settings }) => settings.role === "archive");
  const mirroring = all.filter(({ settings }) => settings.mirror.length > 0);
  const candidates = archives.length > 0 ? archives : mirroring;
  const [only, other] = candidates;
  if (only !== undefined && other === undefined) return only;
  if (only === undefined) {
    throw new HiveError("usage", "hive.yml has no registry that mirrors others", {
      hint: `Add one to "registries", with "role: archive" and images under "mirror".`,
    });
  }
  const names = candidates.map((each) => each.name).join(" or ");
  throw new HiveError("usage", "hive.yml has more than one registry that mirrors others", {
    hint: `Say which one: hive mirror sync ${names}`,
  });
}
