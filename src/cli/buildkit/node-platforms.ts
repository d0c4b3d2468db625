import type { BuildNode } from "../../build/nodes/build-node.ts";
import { buildPlatformOf } from "../../build/nodes/choose-nodes.ts";
import { runnablePlatforms } from "../../buildkit/runnable-platforms.ts";
import { formatPlatform, type Platform } from "../../oci/platform.ts";
import type { BuildPlatforms } from "../../plan/create-plan.ts";
import { hostPlatform } from "../project/plan-project.ts";

/** What is built where the project lists no platform: the first of those that the first node is for, else its own. */
export function nativePlatform([first]: readonly BuildNode[]): Platform {
  const [own] =
    first === undefined ? [] : [...first.platforms, ...runnablePlatforms(first.buildkit)];
  return own ?? hostPlatform();
}

/** What `BUILDPLATFORM` is in targets of a platform: that of the daemons which build them. */
export function buildPlatforms(nodes: readonly BuildNode[], native: Platform): BuildPlatforms {
  const own = nodes.flatMap(({ buildkit }) => runnablePlatforms(buildkit)[0] ?? []);
  const unique = new Map(own.map((platform) => [formatPlatform(platform), platform]));
  return {
    of: (target) => buildPlatformOf(nodes, target) ?? native,
    all: [...unique.values()],
  };
}
