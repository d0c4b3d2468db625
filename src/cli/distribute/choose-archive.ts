import { didYouMean } from "../../base/closest.ts";
import { HiveError } from "../../base/hive-error.ts";
import type { NamedRegistry } from "../../project/project.ts";

/** A registry of hive.yml whose `mirror` says what it has copies of. */
export type Archive = { readonly name: string; readonly settings: NamedRegistry };

/**
 * The registry that is asked for by its name, else the one of role archive, else the one that mirrors anything.
 * @throws HiveError "usage" when there is none, or more than one
 */
export function chooseArchive(
  registries: ReadonlyMap<string, NamedRegistry>,
  name: string | undefined,
): Archive {
  if (name !== undefined) {
    const settings = registries.get(name);
    if (settings !== undefined) return { name, settings };
    const near = didYouMean(name, registries.keys());
    throw new HiveError("usage", `hive.yml has no registry "${name}"`, {
      hint: near === undefined ? `Add it to "registries".` : `D${near.slice(1)}`,
    });
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
