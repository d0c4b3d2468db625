import type { Descriptor } from "../oci/descriptor.ts";
import { within } from "../oci/within.ts";
import { platformTag } from "../plan/platform-tag.ts";
import type { Plan } from "../plan/plan.ts";
import type { RemoteRegistry } from "../remote/open-registry.ts";
import { finalizeReference } from "./finalize-reference.ts";
import type { Finalized } from "./finalized.ts";
import { plannedReferences } from "./wanted-references.ts";

type PushedOptions = {
  readonly plan: Pick<Plan, "targets" | "aliases">;
  /** What stands before the names of the project's images: `team`, or nothing. */
  readonly prefix: string;
  readonly buildId: string | undefined;
  readonly dockerMediaTypes: boolean;
};

/** Names a reference whose images of all platforms a run has pushed, as `finalizeRegistry()` does later. */
export type NamePushed = (
  reference: string,
  images: readonly Descriptor[],
) => Promise<readonly Finalized[]>;

/** For the references of a plan. */
export function pushedNamer(registry: RemoteRegistry, options: PushedOptions): NamePushed {
  const { plan, prefix, buildId, dockerMediaTypes } = options;
  const references = new Map(plannedReferences(plan).map((each) => [each.reference, each]));
  return async (reference, images) => {
    const wanted = references.get(reference);
    if (wanted === undefined) return [];
    const { repository, tag } = wanted;
    const at = within(prefix, repository);
    const found = images.flatMap((image) =>
      image.platform === undefined
        ? []
        : [{ tag: platformTag(tag, image.platform, buildId), image }],
    );
    const naming = { buildId, dockerMediaTypes, dryRun: false };
    return await finalizeReference(registry, { ...wanted, at, found }, naming);
  };
}
