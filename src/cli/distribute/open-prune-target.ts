import type { Project } from "../../project/project.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { App } from "../app.ts";
import { type FoundRegistry, findNamedRegistry } from "../find-named-registry.ts";
import { findTargetRegistry } from "../find-target-registry.ts";
import { openRemote, type RegistryFlags } from "../registry/open-remote.ts";

/** A registry that is tidied up, and where in it. */
export type PruneTarget = {
  readonly registry: RemoteRegistry;
  /** `team` of `registry.example.com/team`; empty when there is none. */
  readonly prefix: string;
  /** What hive.yml calls it, by its name or its address. */
  readonly named: FoundRegistry | undefined;
};

/** Opens what --registry names, else the registry of this machine. @throws HiveError as `openRemote`, `findTargetRegistry` */
export async function openPruneTarget(
  app: App,
  flags: RegistryFlags,
  project: Project | undefined,
): Promise<PruneTarget> {
  const known = project ?? { registries: new Map(), registry: {} };
  const target =
    flags.registry === undefined ? undefined : findTargetRegistry(app, flags.registry, known);
  const registry = await openRemote(app, flags, target?.address);
  const prefix = target?.prefix ?? "";
  return {
    registry,
    prefix,
    named: target?.named ?? findNamedRegistry(known, registry.host, prefix),
  };
}
