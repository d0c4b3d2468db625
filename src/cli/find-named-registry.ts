import type { NamedRegistry, Project } from "../project/project.ts";
import { parseRegistryAddress } from "../remote/registry-address.ts";
import { readAddress } from "./find-target-registry.ts";

/** A registry of hive.yml. */
export type FoundRegistry = { readonly name: string; readonly settings: NamedRegistry };

/**
 * The registry of hive.yml that a repository, or a part of a registry, belongs to by its address; of several the one with the
 * longest path, and of those one of role prod.
 * @param host `registry.example.com:5000`
 * @param path `team/app`, or nothing
 */
export function findNamedRegistry(
  { registries }: Pick<Project, "registries">,
  host: string,
  path: string,
): FoundRegistry | undefined {
  const found = [...registries]
    .map(([name, settings]) => ({ name, settings, place: placeOf(settings.address) }))
    .filter(({ place }) => {
      const within = place.path === "" || `${path}/`.startsWith(`${place.path}/`);
      return place.host === host && within;
    })
    .toSorted(
      (a, b) => b.place.path.length - a.place.path.length || rank(a.settings) - rank(b.settings),
    );
  const [first] = found;
  return first === undefined ? undefined : { name: first.name, settings: first.settings };
}

function rank({ role }: NamedRegistry): number {
  return role === "prod" ? 0 : 1;
}

function placeOf(written: string): { readonly host: string; readonly path: string } {
  const { address, prefix } = readAddress(written);
  return { host: parseRegistryAddress(address).host, path: prefix };
}
