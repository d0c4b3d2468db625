import { join } from "node:path";
import type { ContextSources } from "../plan/plan.ts";

/**
 * The sources of a named context: all files of a directory, as they are.
 * @param directory absolute
 * @param tracked whether git has it
 */
export function directorySources(directory: string, tracked: boolean): ContextSources {
  const dockerfile = join(directory, "Dockerfile");
  return { directory, dockerfile, rootfs: [], exclude: [], rendered: {}, tracked };
}
