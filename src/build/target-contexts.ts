import type { BuildRequest } from "../buildkit/solve-request.ts";
import { directoryTree } from "../context/directory-tree.ts";
import { steadyTimes } from "../context/steady-times.ts";
import { hivePrefix } from "../dockerfile/rewrite-hive-references.ts";
import { pinnedContext } from "../inputs/pin-contexts.ts";
import type { Digest } from "../oci/digest.ts";
import type { Target } from "../plan/plan.ts";

type Contexts = Required<Pick<BuildRequest, "namedContexts" | "localContexts">>;

const localPrefix = "local:";

/**
 * The contexts that a target's settings name, but for the project's own images, which are those of `namedContexts()`:
 * directories are sent with the build, everything else the daemon gets by itself.
 * @param bases what images from elsewhere stand for: they are taken by digest
 */
export function targetContexts(
  { settings, context: { tracked }, epoch }: Pick<Target, "settings" | "context" | "epoch">,
  bases: ReadonlyMap<string, Digest>,
): Contexts {
  const namedContexts: Record<string, string> = {};
  const localContexts = new Map<string, ReturnType<typeof directoryTree>>();
  for (const [name, value] of Object.entries(settings.contexts)) {
    if (value.startsWith(hivePrefix)) continue;
    if (value.startsWith(localPrefix)) {
      const { tree, sharedKey } = directoryTree(value.slice(localPrefix.length), { tracked });
      localContexts.set(name, {
        tree: epoch === undefined ? tree : steadyTimes(tree, epoch),
        sharedKey,
      });
    } else namedContexts[name] = pinnedContext(value, bases);
  }
  return { namedContexts, localContexts };
}
