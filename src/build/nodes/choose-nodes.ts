import { runnablePlatforms } from "../../buildkit/runnable-platforms.ts";
import { asksForNative } from "../../inputs/asks-for-native.ts";
import { formatPlatform, type Platform, samePlatform } from "../../oci/platform.ts";
import type { Target } from "../../plan/plan.ts";
import type { BuildNode } from "./build-node.ts";
import { missingEmulator } from "./missing-emulator.ts";

/** What choosing needs to know of a node. */
type Choosable = {
  readonly platforms: BuildNode["platforms"];
  readonly buildkit: Pick<BuildNode["buildkit"], "workers">;
};

/**
 * How a node builds for a platform, the best first: it is its own one, its settings list it, it has an emulator, or it says
 * that it can't run its programs.
 */
const ways = ["own", "listed", "emulated", "foreign"] as const;

type Way = (typeof ways)[number];

/** How a node would build for a platform; undefined when its settings keep it from that. */
function wayOf(node: Choosable, platform: Platform): Way | undefined {
  if (!mayBuild(node, platform)) return undefined;
  const runnable = runnablePlatforms(node.buildkit);
  const own = runnable[0];
  const isRunnable = runnable.some((known) => samePlatform(known, platform));
  // A variant of its own architecture is no emulation: linux/amd64/v3.
  if (isRunnable && own?.os === platform.os && own.architecture === platform.architecture)
    return "own";
  if (node.platforms.length > 0) return "listed";
  // A daemon that tells nothing may know more than it says.
  return isRunnable || runnable.length === 0 ? "emulated" : "foreign";
}

/** Whether a node's settings let it build for a platform. */
export function mayBuild({ platforms }: Pick<Choosable, "platforms">, platform: Platform): boolean {
  return platforms.length === 0 || platforms.some((listed) => samePlatform(listed, platform));
}

/** The platform that a daemon runs on, its `BUILDPLATFORM`. */
function ownPlatform(node: Choosable): Platform | undefined {
  return runnablePlatforms(node.buildkit)[0];
}

function groupsFor<N extends Choosable>(nodes: readonly N[], platform: Platform): N[][] {
  const byWay = Map.groupBy(nodes, (node) => wayOf(node, platform));
  return ways.flatMap((way) => {
    const group = byWay.get(way);
    return group === undefined ? [] : [group];
  });
}

/**
 * What `BUILDPLATFORM` is in targets of a platform: that of the first node of those which suit it best. A Dockerfile that asks
 * for it goes to nodes of this one only, so that the plan, the inputs and the daemon mean the same.
 */
export function buildPlatformOf(
  nodes: readonly Choosable[],
  platform: Platform,
): Platform | undefined {
  const [best] = groupsFor(nodes, platform);
  return best?.[0] && ownPlatform(best[0]);
}

/**
 * The nodes that may build a target, in groups: all of one suit it equally, and better than those of the next. A node that can't run its
 * programs is among them only where none needs to run, or where no node can.
 * @param parents what it builds on: ONBUILD asks in their stead
 */
export function nodesFor<N extends Choosable>(
  nodes: readonly N[],
  target: Target,
  parents: Iterable<Target> = [],
): N[][] {
  const { platform } = target;
  const native = asksForNative(
    target.dockerfile.text,
    [...parents].map(({ dockerfile }) => dockerfile.text),
  )
    ? buildPlatformOf(nodes, platform)
    : undefined;
  const allowed =
    native === undefined
      ? nodes
      : nodes.filter((node) => {
          const own = ownPlatform(node);
          return own !== undefined && formatPlatform(own) === formatPlatform(native);
        });
  const groups = groupsFor(allowed, platform);
  const isBest = groups.length === 1;
  return groups
    .map((group) =>
      group.filter(
        (node) =>
          wayOf(node, platform) !== "foreign" ||
          isBest ||
          missingEmulator(target, runnablePlatforms(node.buildkit)) === undefined,
      ),
    )
    .filter((group) => group.length > 0);
}

/**
 * Names for the nodes that may build each of a plan's targets: those that wait for the same ones have the same name.
 * @param targets all of the plan
 */
export function lanesOf(
  nodes: readonly Choosable[],
  targets: readonly Target[],
): (target: Target) => string {
  const known = new Map(targets.map((target) => [target.id, target]));
  return (target) => {
    const parents = target.dependencies.flatMap(({ target: id }) => known.get(id) ?? []);
    const groups = nodesFor(nodes, target, parents);
    return JSON.stringify(groups.map((group) => group.map((node) => nodes.indexOf(node))));
  };
}
