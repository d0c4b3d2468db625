import { HiveError } from "../../base/hive-error.ts";
import type { Project } from "../../project/project.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import type { App } from "../app.ts";
import { findNamedRegistry } from "../find-named-registry.ts";
import { findTargetRegistry, type TargetRegistry } from "../find-target-registry.ts";
import { openRemote, type RegistryFlags } from "../registry/open-remote.ts";

/** A registry to push to, and where in it the project's images are: `team`, or nothing. */
export type Destination = { readonly registry: RemoteRegistry; readonly prefix: string };

/**
 * The registry that images are pushed to: the one that is asked for or configured, else the one of this machine.
 * @throws HiveError "usage" for one that only promotion writes to; as `openRemote`
 */
export async function openDestination(
  app: App,
  flags: RegistryFlags,
  asked: string | undefined,
  project: Pick<Project, "registries" | "registry">,
): Promise<Destination> {
  const target = findTargetRegistry(app, asked, project, { push: true });
  if (target === undefined)
    return { registry: await openRemote(app, flags, undefined), prefix: "" };
  const production = productionOf(target, project);
  if (production !== undefined) {
    const [from = "ci"] = project.registries.get(production)?.promoteFrom ?? [];
    throw new HiveError(
      "usage",
      `Cannot push to "${production}": its role is prod, and only promotion writes there`,
      {
        hint: `Push to ${from}, then run \`hive promote IMAGE --from ${from} --to ${production}\`.`,
      },
    );
  }
  return { registry: await openRemote(app, flags, target.address), prefix: target.prefix };
}

/** The name of the registry of role prod that a target is, by its name or its address. */
function productionOf(
  target: TargetRegistry,
  project: Pick<Project, "registries">,
): string | undefined {
  const { host } = parseRegistryAddress(target.address);
  const found = target.named ?? findNamedRegistry(project, host, target.prefix);
  return found?.settings.role === "prod" ? found.name : undefined;
}
