import type { Platform } from "../oci/platform.ts";
import type { Buildkit } from "./connect-buildkit.ts";

/** What a daemon says that it can run, its own platform first; empty where it does not tell. Its first worker is the one that builds. */
export function runnablePlatforms({ workers }: Pick<Buildkit, "workers">): readonly Platform[] {
  return workers[0]?.platforms ?? [];
}
