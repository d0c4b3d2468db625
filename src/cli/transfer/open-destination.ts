import type { Project } from "../../project/project.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { App } from "../app.ts";
import { findTargetRegistry } from "../find-target-registry.ts";
import { openRemote, type RegistryFlags } from "../registry/open-remote.ts";
import { refuseProduction } from "../registry/refuse-production.ts";

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
  const target = findTargetRegistry(app, asked, project);
  if (target === undefined)
    return { registry: await openRemote(app, flags, undefined), prefix: "" };
  refuseProduction(target, project);
  return { registry: await openRemote(app, flags, target.address), prefix: target.prefix };
}
