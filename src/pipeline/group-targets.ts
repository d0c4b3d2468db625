import { formatPlatform, platformSlug } from "../oci/platform.ts";
import { planLevels } from "../plan/plan-levels.ts";
import type { Plan, Target, TargetId } from "../plan/plan.ts";
import { condense } from "./condense.ts";

/** Targets that one job builds. */
export type TargetGroup = {
  readonly id: string;
  readonly title: string;
  readonly targets: readonly Target[];
};

/**
 * Which job builds what. Every target is in exactly one group, and groups never need each other in a circle.
 * @param shards into how many jobs a level of the graph is split at most, for each platform; undefined: a job for each
 * image and platform
 */
export function groupTargets(plan: Plan, shards: number | undefined): TargetGroup[] {
  const parts = partsOf(plan);
  const groups =
    shards === undefined ? parts.map((part) => imageGroup(part)) : share(parts, shards);
  return withUniqueIds(groups);
}

/** The targets of an image for a platform; of several where they can only be built together. */
function partsOf({ targets }: Plan): Target[][] {
  const keyOf = ({ name, platform }: Target): string => `${name} ${formatPlatform(platform)}`;
  const keys = new Map<TargetId, string>(targets.map((target) => [target.id, keyOf(target)]));
  const members = Map.groupBy(targets, keyOf);
  const needs = new Map(
    [...members].map(([key, list]) => [
      key,
      list.flatMap(({ dependencies }) => dependencies.map(({ target }) => keys.get(target) ?? key)),
    ]),
  );
  return condense(needs).map((part) => part.flatMap((key) => members.get(key) ?? []));
}

function imageGroup(targets: readonly Target[]): TargetGroup {
  const names = [...new Set(targets.map(({ name }) => name))];
  const platforms = platformsOf(targets);
  return {
    id: `build-${names[0] ?? ""}-${platforms.map(([, slug]) => slug).join("-")}`,
    title: `${names.join(", ")} ${platforms.map(([shown]) => shown).join(", ")}`,
    targets,
  };
}

function platformsOf(targets: readonly Target[]): [shown: string, slug: string][] {
  const platforms = targets.map(({ platform }) => platform);
  return [...new Map(platforms.map((one) => [formatPlatform(one), platformSlug(one)]))];
}

/** Parts of one level and one platform never need each other, so they can be dealt out as suits: the largest first. */
function share(parts: readonly Target[][], shards: number): TargetGroup[] {
  const levelOf = partLevels(parts);
  const sorts = Map.groupBy(parts, (part) => {
    const platforms = platformsOf(part).map(([shown]) => shown);
    return `${String(levelOf.get(part) ?? 0).padStart(6, "0")} ${platforms.join(",")}`;
  });
  return [...sorts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, list]) => {
      const count = Math.min(shards, list.length);
      const hands = Array.from({ length: count }, (): Target[] => []);
      for (const part of list.toSorted((a, b) => b.length - a.length)) {
        const least = hands.reduce((best, hand) => (hand.length < best.length ? hand : best));
        least.push(...part);
      }
      const [first = []] = list;
      const level = levelOf.get(first) ?? 0;
      const platforms = platformsOf(first);
      return hands.map((targets, index) => ({
        id: `build-level-${level}-${index + 1}-${platforms.map(([, slug]) => slug).join("-")}`,
        title: `level ${level}, ${index + 1} of ${count}, ${platforms.map(([shown]) => shown).join(", ")}`,
        targets,
      }));
    });
}

/** From 1; parts come after those that they need. */
function partLevels(parts: readonly Target[][]): Map<readonly Target[], number> {
  const levels = new Map<readonly Target[], number>();
  const ofTarget = new Map<TargetId, number>();
  for (const part of parts) {
    const own = new Set(part.map(({ id }) => id));
    const needed = part.flatMap(({ dependencies }) =>
      dependencies.flatMap(({ target }) => (own.has(target) ? [] : [ofTarget.get(target) ?? 0])),
    );
    const level = 1 + Math.max(0, ...needed);
    levels.set(part, level);
    for (const { id } of part) ofTarget.set(id, level);
  }
  return levels;
}

/** What every system takes for the name of a job; GitHub's may have a hundred letters. */
const longestId = 80;

function withUniqueIds(groups: readonly TargetGroup[]): TargetGroup[] {
  const taken = new Set<string>();
  return groups.map((group) => {
    const slug = group.id.replaceAll(/[^\w-]/g, "-").slice(0, longestId);
    let id = slug;
    for (let count = 2; taken.has(id); count++) id = `${slug}-${count}`;
    taken.add(id);
    return { ...group, id };
  });
}

/** References that can be built at the same time, from level 1 on; a reference stands where the last of its platforms does. */
export function referenceLevels(plan: Plan): string[][] {
  const levels = planLevels(plan);
  const ofReference = new Map<string, number>();
  for (const { id, reference } of plan.targets) {
    ofReference.set(reference, Math.max(ofReference.get(reference) ?? 0, levels.get(id) ?? 1));
  }
  const result: string[][] = [];
  for (const [reference, level] of ofReference) (result[level - 1] ??= []).push(reference);
  return Array.from(result, (list) => list ?? []);
}
