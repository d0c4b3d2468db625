import { HiveError } from "../../base/hive-error.ts";
import type { Project } from "../../project/project.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import { readAddress, type TargetRegistry } from "../find-target-registry.ts";

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
  target: TargetRegistry,
  registries: Project["registries"],
): string | undefined {
  if (target.named !== undefined) {
    return target.named.settings.role === "prod" ? target.named.name : undefined;
  }
  const { host, path } = placeOf(target);
  return [...registries].find(([, { address, role }]) => {
    if (role !== "prod") return false;
    const place = placeOf(readAddress(address));
    const isWithin = place.path === "" || `${path}/`.startsWith(`${place.path}/`);
    return place.host === host && isWithin;
  })?.[0];
}

/** The same however it is written. */
function placeOf({ address, prefix }: Pick<TargetRegistry, "address" | "prefix">): {
  readonly host: string;
  readonly path: string;
} {
  return { host: parseRegistryAddress(address).host, path: prefix };
}
