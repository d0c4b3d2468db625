import { needsOwnFrontend } from "../buildkit/dockerfile-syntax.ts";
import { hasRemoteAdd, hasRemoteTrigger } from "../dockerfile/has-remote-add.ts";
import { hivePrefix } from "../dockerfile/rewrite-hive-references.ts";
import { familiarName } from "../oci/familiar-name.ts";
import { imagePrefix, localPrefix } from "../plan/context-value.ts";
import type { Target } from "../plan/plan.ts";
import { isPinnable } from "./pin-contexts.ts";

type Known = {
  /** The images from elsewhere whose digests are known. */
  readonly bases: ReadonlyMap<string, unknown>;
  /** The Dockerfiles of what it builds on. */
  readonly parents: readonly string[];
};

/**
 * Why nothing that hive knows of a target tells that its image is the same as before: then BuildKit is asked each time.
 */
export function whyVolatile(target: Target, { bases, parents }: Known): string[] {
  const { dockerfile, settings, externals } = target;
  const reasons: string[] = [];
  const pulled = new Set(Object.values(settings.contexts));
  for (const { reference } of externals) {
    // The user's own context stands for it, and is another image.
    const isReplaced = Object.hasOwn(settings.contexts, familiarName(reference));
    if (isReplaced && !pulled.has(`${imagePrefix}${reference}`)) continue;
    if (!isPinnable(reference, target)) {
      reasons.push(`a stage has the name of the image ${reference}, which can't be pinned then`);
    } else if (!bases.has(reference)) reasons.push(`external base ${reference} is not pinned`);
  }
  if (needsOwnFrontend(new TextEncoder().encode(dockerfile.text))) {
    reasons.push("the Dockerfile has a frontend of its own");
  }
  if (hasRemoteAdd(dockerfile.text)) reasons.push("an ADD may fetch something from the network");
  if (parents.some(hasRemoteTrigger)) {
    reasons.push("ONBUILD of an image it builds on may fetch something from the network");
  }
  if (settings.noCache !== false && !isEmpty(settings.noCache)) reasons.push("no_cache is set");
  for (const [name, value] of Object.entries(settings.contexts)) {
    // A directory is read, an image of the project is a parent, one from elsewhere is among the external ones.
    if (![localPrefix, hivePrefix, imagePrefix].some((prefix) => value.startsWith(prefix)))
      reasons.push(`the context ${name} is at an address, where it may change`);
  }
  return reasons;
}

function isEmpty(noCache: true | readonly string[]): boolean {
  return noCache !== true && noCache.length === 0;
}
