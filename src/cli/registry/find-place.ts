import type { App } from "../app.ts";
import { findTargetRegistry, isBareName, type TargetRegistry } from "../find-target-registry.ts";
import type { ProjectFlags } from "../project/open-project.ts";
import { projectHere } from "../project/project-here.ts";

/**
 * What `--registry` or HIVE_REGISTRY says: `host[:port]`, with a path below which the images are, or a name of hive.yml. The
 * project is read for a name only, so that one with errors keeps nobody from looking into a registry.
 * @returns undefined when there is none: the registry of this machine
 * @throws HiveError "usage"
 */
export async function findPlace(
  app: App,
  flags: ProjectFlags & { readonly registry?: string | undefined },
): Promise<TargetRegistry | undefined> {
  const { registry } = flags;
  if (registry === undefined) return undefined;
  const project = isBareName(registry) ? await projectHere(app, flags) : undefined;
  return findTargetRegistry(app, registry, project ?? { registries: new Map(), registry: {} });
}
