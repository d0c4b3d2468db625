import { formatPlatform, platformSlug } from "../oci/platform.ts";
import type { Graph, Node } from "./graph.ts";
import type { CacheScopes } from "./plan.ts";

/** More would make a build ask for many caches of which it uses little. */
const mostSiblings = 8;

/**
 * A target's cache scope and those it may find something in: other tags of its image and variant, nearest version first,
 * then other variants of its tag. All for its platform: nothing of another one could be used.
 */
export function cacheScopesOf(node: Node, { names }: Pick<Graph, "names">): CacheScopes {
  const platform = formatPlatform(node.platform);
  const { image, tag, baseTag, variant } = node.unit;
  const others = [...(names.get(image.name)?.values() ?? [])].flatMap((platforms) => {
    const other = platforms.get(platform);
    return other === undefined || other === node ? [] : [other];
  });
  const tags = others
    .filter(({ unit }) => unit.variant === variant)
    .map((other) => ({ other, distance: distanceOf(tag, other.unit.tag) }))
    .toSorted((a, b) => compareDistances(a.distance, b.distance));
  const variants = others.filter(
    ({ unit }) => unit.baseTag === baseTag && unit.variant !== variant,
  );
  const siblings = [...tags.map(({ other }) => other), ...variants].slice(0, mostSiblings);
  const slug = platformSlug(node.platform);
  const scopeOf = ({ unit }: Node): string => `${unit.image.name}.${unit.tag}.${slug}`;
  return { own: scopeOf(node), siblings: siblings.map(scopeOf) };
}

// How far two versions are apart in each of their numbers: 3.12.1 and 3.13 are 0, 1, 1 apart.
function distanceOf(a: string, b: string): number[] {
  const [from, to] = [numbersIn(a), numbersIn(b)];
  return Array.from({ length: Math.max(from.length, to.length) }, (_, index) =>
    Math.abs((from[index] ?? 0) - (to[index] ?? 0)),
  );
}

function numbersIn(tag: string): number[] {
  return (tag.match(/\d+/g) ?? []).map(Number);
}

function compareDistances(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
