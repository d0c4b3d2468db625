import type { BuildRequest, LocalContext } from "../../buildkit/solve-request.ts";
import { contextKey } from "../../context/context-key.ts";
import { directorySources } from "../../context/directory-sources.ts";
import { steadyTimes } from "../../context/steady-times.ts";
import { targetContext } from "../../context/target-context.ts";
import { hivePrefix } from "../../dockerfile/rewrite-hive-references.ts";
import { pinnedContext } from "../../inputs/pin-contexts.ts";
import type { Digest } from "../../oci/digest.ts";
import { localPrefix } from "../../plan/context-value.ts";
import type { Target } from "../../plan/plan.ts";

type Contexts = Required<Pick<BuildRequest, "namedContexts" | "localContexts">>;

/**
 * The contexts that a target's settings name, but for the project's own images, which are those of `parentContexts()`:
 * directories are sent with the build, everything else the daemon gets by itself.
 * @param bases what images from elsewhere stand for: they are taken by digest
 */
export function targetContexts(
  { settings, context: { tracked }, epoch }: Pick<Target, "settings" | "context" | "epoch">,
  bases: ReadonlyMap<string, Digest>,
): Contexts {
  const namedContexts: Record<string, string> = {};
  const localContexts = new Map<string, LocalContext>();
  for (const [name, value] of Object.entries(settings.contexts)) {
    if (value.startsWith(hivePrefix)) continue;
    if (value.startsWith(localPrefix)) {
      const sources = directorySources(value.slice(localPrefix.length), tracked === true);
      const tree = targetContext(sources);
      localContexts.set(name, {
        tree: epoch === undefined ? tree : steadyTimes(tree, epoch),
        sharedKey: contextKey(sources, "named context"),
      });
    } else namedContexts[name] = pinnedContext(value, bases);
  }
  return { namedContexts, localContexts };
}
