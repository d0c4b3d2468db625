import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import type { FindHandover } from "./create-handovers.ts";
import type { Handover } from "./handover.ts";

/**
 * Finds the hand-over of each daemon once, unless that fails: a daemon that comes back is asked again.
 * @param found takes them; what `start` removes or puts there itself stays so
 */
export function onceForEach(
  start: FindHandover,
  found = new Map<Buildkit, Promise<Handover>>(),
): FindHandover {
  return async (buildkit) => {
    const handover = found.get(buildkit) ?? start(buildkit);
    found.set(buildkit, handover);
    try {
      return await handover;
    } catch (error) {
      if (found.get(buildkit) === handover) found.delete(buildkit);
      throw error;
    }
  };
}
