import type { BuildRequest } from "../buildkit/solve-request.ts";
import { directoryTree } from "../context/directory-tree.ts";
import { steadyTimes } from "../context/steady-times.ts";
import { hivePrefix } from "../dockerfile/rewrite-hive-references.ts";
import type { Digest } from "../oci/digest.ts";
import type { Target } from "../plan/plan.ts";
import { imagePrefix } from "../plan/read-contexts.ts";

type Contexts = Required<Pick<BuildRequest, "namedContexts" | "localContexts">>;

const localPrefix = "local:";

/**
 * The contexts that a target's settings name, but for the project's own images, which are those of `namedContexts()`:
 * directories are sent with the build, everything else the daemon gets by itself.
 * @param bases what images from elsewhere stand for: they are taken by digest
 */
export function targetContexts(
  { settings, context, epoch }: Pick<Target, "settings" | "context" | "epoch">,
  bases: ReadonlyMap<string, Digest>,
): Contexts {
  const namedContexts: Record<string, string> = {};
  const localContexts = new Map<string, ReturnType<typeof directoryTree>>();
  for (const [name, value] of Object.entries(settings.contexts)) {
    if (value.startsWith(hivePrefix)) continue;
    if (value.startsWith(localPrefix)) {
      const { tracked } = context;
      const { tree, sharedKey } = directoryTree(value.slice(localPrefix.length), { tracked });
      localContexts.set(name, {
        tree: epoch === undefined ? tree : steadyTimes(tree, epoch),
        sharedKey,
      });
    } else namedContexts[name] = pinned(value, bases);
  }
  return { namedContexts, localContexts };
}

function pinned(value: string, bases: ReadonlyMap<string, Digest>): string {
  if (!value.startsWith(imagePrefix) || value.includes("@")) return value;
  const digest = bases.get(value.slice(imagePrefix.length));
  return digest === undefined ? value : `${value}@${digest}`;
}
