import type { Target, TargetId } from "./plan.ts";

/** What a target needs, each once however often it refers to it. */
export function needsOf({ dependencies }: Pick<Target, "dependencies">): Set<TargetId> {
  return new Set(dependencies.map(({ target }) => target));
}
