import { HiveError } from "../../base/hive-error.ts";
import type { Project } from "../../project/project.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import { findNamedRegistry } from "../find-named-registry.ts";
import type { TargetRegistry } from "../find-target-registry.ts";

/**
 * Refuses to write to a registry that hive.yml gives the role `prod`, by its name or by its address: what is there was
 * promoted.
 * @throws HiveError "usage"
 */
export function refuseProduction(
  target: TargetRegistry,
  { registries }: Pick<Project, "registries">,
): void {
  const production = productionOf(target, registries);
  if (production === undefined) return;
  const [from = "ci"] = registries.get(production)?.promoteFrom ?? [];
  throw new HiveError(
    "usage",
    `Cannot push to "${production}": its role is prod, and only promotion writes there`,
    {
      hint: `Push to ${from}, then run \`hive promote IMAGE --from ${from} --to ${production}\`.`,
    },
  );
}

/** The name of the registry of role prod that a target is, or lies in. */
function productionOf(
  { address, prefix, named }: TargetRegistry,
  registries: Project["registries"],
): string | undefined {
  const { host } = parseRegistryAddress(address);
  const found = named ?? findNamedRegistry({ registries }, host, prefix);
  return found?.settings.role === "prod" ? found.name : undefined;
}
