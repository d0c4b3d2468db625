import { join } from "node:path";
import { basesFinder, type BaseResolver } from "../../build/find-bases.ts";
import { imageSettings } from "../../build/handover/handover.ts";
import { openInputStore } from "../../inputs/input-store.ts";
import { targetStatuses, type TargetStatus } from "../../inputs/target-status.ts";
import { createDiskBlobStore } from "../../oci/disk-blob-store.ts";
import { refuseLinks } from "../../oci/refuse-links.ts";
import type { Plan, TargetId } from "../../plan/plan.ts";
import { hostPlatform } from "./plan-project.ts";

/** What a build of the plan would do with each target, without asking a daemon, and registries only as `resolve` does. */
export async function projectStatuses(
  plan: Plan,
  resolve: BaseResolver,
): Promise<ReadonlyMap<TargetId, TargetStatus>> {
  const directory = join(plan.root, ".hive");
  refuseLinks(directory);
  const blobs = createDiskBlobStore({ directory, scratch: directory });
  return await targetStatuses(plan, {
    store: openInputStore(directory),
    hasImage: (digest) => blobs.find(digest) !== undefined,
    basesOf: basesFinder(plan.targets, resolve),
    exporter: imageSettings(plan),
    native: hostPlatform(),
  });
}
