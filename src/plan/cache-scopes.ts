import { formatPlatform, platformSlug } from "../oci/platform.ts";
import type { Unit } from "../render/expand-units.ts";
import type { Graph, Node } from "./graph.ts";
import type { CacheScopes } from "./plan.ts";

/** More would make a build ask for many caches of which it uses little. */
const mostSiblings = 8;

/** A unit with the numbers in its tag. */
type Sibling = { readonly unit: Unit; readonly numbers: readonly number[] };

/**
 * Tells a target's cache scope and those it may find something in: other tags of its image and variant, nearest version
 * first, then other variants of its tag. All for its platform: nothing of another one could be used.
 */
export function createCacheScopes({ names }: Pick<Graph, "names">): (node: Node) => CacheScopes {
  const known = new Map<string, readonly Sibling[]>();
  // All of one name and platform.
  const siblingsOf = (name: string, platform: string): readonly Sibling[] => {
    const key = `${name} ${platform}`;
    const siblings = known.get(key) ?? findSiblings(names.get(name)?.values() ?? [], platform);
    known.set(key, siblings);
    return siblings;
  };
  return ({ unit, platform }) => {
    const { image, tag, baseTag, variant } = unit;
    const others = siblingsOf(image.name, formatPlatform(platform));
    const tags = others.filter((other) => other.unit.variant === variant && other.unit !== unit);
    const variants = others.filter(
      (other) => other.unit.baseTag === baseTag && other.unit.variant !== variant,
    );
    const siblings = [...nearest(numbersIn(tag), tags), ...variants].slice(0, mostSiblings);
    const slug = platformSlug(platform);
    const scopeOf = ({ tag: own }: Unit): string => `${image.name}.${own}.${slug}`;
    return { own: scopeOf(unit), siblings: siblings.map((sibling) => scopeOf(sibling.unit)) };
  };
}

function findSiblings(
  tags: Iterable<ReadonlyMap<string, Node>>,
  platform: string,
): readonly Sibling[] {
  return [...tags].flatMap((platforms) => {
    const unit = platforms.get(platform)?.unit;
    return unit === undefined ? [] : [{ unit, numbers: numbersIn(unit.tag) }];
  });
}

// An image may have a thousand tags, each of which looks at all others: they are not sorted, nothing is made for each.
function nearest(from: readonly number[], others: readonly Sibling[]): readonly Sibling[] {
  const found: Sibling[] = [];
  for (const other of others) {
    const before = found.findLastIndex((near) => compare(from, near.numbers, other.numbers) <= 0);
    if (before + 1 < mostSiblings) found.splice(before + 1, 0, other);
    if (found.length > mostSiblings) found.pop();
  }
  return found;
}

// Which of two versions is nearer, by the first of their numbers that is: from 3.13, 3.12.1 is nearer than 2.13.
function compare(from: readonly number[], a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(from.length, a.length, b.length); index++) {
    const own = from[index] ?? 0;
    const difference = Math.abs((a[index] ?? 0) - own) - Math.abs((b[index] ?? 0) - own);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersIn(tag: string): number[] {
  return (tag.match(/\d+/g) ?? []).map(Number);
}
