import { HiveError } from "../../base/hive-error.ts";
import type { Project } from "../../project/project.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import { readAddress, type TargetRegistry } from "../find-target-registry.ts";

/**
 * Refuses to write to a registry that hive.yml gives the role `prod`, by whatever name it was asked for: what is there was
 * promoted.
 * @throws HiveError "usage"
 */
export function refuseProduction(
  target: TargetRegistry,
  { registries }: Pick<Project, "registries">,
): void {
  const place = placeOf(target);
  for (const [name, { role, address }] of registries) {
    if (role !== "prod" || placeOf(readAddress(address)) !== place) continue;
    throw new HiveError(
      "usage",
      `Nothing is built into ${place}: hive.yml gives it the role prod`,
      {
        hint: `Build into another registry and bring from there what is good: hive promote NAME:TAG --to ${name}`,
      },
    );
  }
}

/** `host[:port]/path`: the same however it is written. */
function placeOf({ address, prefix }: Pick<TargetRegistry, "address" | "prefix">): string {
  const { host } = parseRegistryAddress(address);
  return prefix === "" ? host : `${host}/${prefix}`;
}
