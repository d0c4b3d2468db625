import { hivePrefix, reservedPrefix } from "../../dockerfile/rewrite-hive-references.ts";
import type { Digest } from "../../oci/digest.ts";
import { formatPlatform, samePlatform } from "../../oci/platform.ts";
import type { Target, TargetId } from "../../plan/plan.ts";
import type { Handover } from "../handover/handover.ts";

/**
 * The named contexts that pin every `__hive__/` reference of a target to the image just built for it, those in the values
 * of its own contexts included.
 * BuildKit looks a reference up as `name[:tag][@digest]`, `:latest` left out, first with `::os/arch` behind it.
 * @param finished what each dependency became
 */
export function parentContexts(
  target: Target,
  finished: ReadonlyMap<TargetId, { readonly target: Target; readonly digest: Digest }>,
  handover: Handover,
): Record<string, string> {
  const contexts: Record<string, string> = {};
  for (const { target: id, reference } of target.dependencies) {
    const image = finished.get(id);
    if (reference === undefined || image === undefined) continue;
    const names = Object.entries(target.settings.contexts).flatMap(([name, value]) =>
      value === `${hivePrefix}${reference}` ? [name] : [],
    );
    // One reference may stand for two platforms in one Dockerfile: FROM --platform=$BUILDPLATFORM and a plain FROM.
    const suffix = samePlatform(image.target.platform, target.platform)
      ? ""
      : `::${formatPlatform(image.target.platform)}`;
    for (const key of [`${reservedPrefix}${reference.replace(/:latest$/, "")}`, ...names]) {
      contexts[`${key}${suffix}`] = handover.contextValue(image.target, image.digest);
    }
  }
  return contexts;
}
