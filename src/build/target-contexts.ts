import type { BuildRequest } from "../buildkit/solve-request.ts";
import { directoryTree } from "../context/directory-tree.ts";
import { steadyTimes } from "../context/steady-times.ts";
import { hivePrefix } from "../dockerfile/rewrite-hive-references.ts";
import type { Digest } from "../oci/digest.ts";
import type { Target, TargetId } from "../plan/plan.ts";
import type { Handover } from "./handover.ts";

type Contexts = Required<Pick<BuildRequest, "namedContexts" | "localContexts">>;

const localPrefix = "local:";

/**
 * The contexts that a target's settings name: directories are sent with the build, images of the project are those just
 * built, everything else the daemon gets by itself.
 * @param finished what each dependency became
 */
export function targetContexts(
  { settings, dependencies, context: { tracked }, epoch }: Target,
  finished: ReadonlyMap<TargetId, { readonly target: Target; readonly digest: Digest }>,
  handover: Handover,
): Contexts {
  const namedContexts: Record<string, string> = {};
  const localContexts = new Map<string, ReturnType<typeof directoryTree>>();
  for (const [name, value] of Object.entries(settings.contexts)) {
    if (value.startsWith(localPrefix)) {
      const { tree, sharedKey } = directoryTree(value.slice(localPrefix.length), { tracked });
      localContexts.set(name, {
        tree: epoch === undefined ? tree : steadyTimes(tree, epoch),
        sharedKey,
      });
    } else if (value.startsWith(hivePrefix)) {
      const reference = value.slice(hivePrefix.length);
      const needed = dependencies.find((dependency) => dependency.reference === reference);
      const image = needed && finished.get(needed.target);
      if (image !== undefined)
        namedContexts[name] = handover.contextValue(image.target, image.digest);
    } else namedContexts[name] = value;
  }
  return { namedContexts, localContexts };
}
