import { closestNames } from "../base/closest.ts";
import { HiveError } from "../base/hive-error.ts";
import { shortList } from "../base/short-list.ts";
import { formatPlatform, type Platform, samePlatform } from "../oci/platform.ts";
import { dependentsOf } from "./dependents.ts";
import { globPattern } from "./glob-pattern.ts";
import type { Graph, Node } from "./graph.ts";
import type { TargetId } from "./plan.ts";

type SelectOptions = {
  /** `name`, `name:tag`, both with globs; `+` behind it adds all that depend on it. None select everything. */
  readonly patterns: readonly string[];
  /** None: all that are written, and {@link nativePlatform} where none are. */
  readonly platforms: readonly Platform[];
  readonly nativePlatform: Platform;
};

/**
 * The targets that are asked for.
 * @throws HiveError usage: a pattern, or a platform, that there is no target for.
 */
export function selectNodes(
  graph: Graph,
  { patterns, platforms, nativePlatform }: SelectOptions,
): Set<TargetId> {
  const nodes = [...graph.nodes.values()];
  const matched =
    patterns.length === 0 ? new Set(nodes) : matchAll(patterns, nodes, dependentsOf(nodes));
  const wanted = new Set(platforms.map((platform) => formatPlatform(platform)));
  checkPlatforms(wanted, matched);
  const isWanted = ({ unit, platform }: Node): boolean =>
    wanted.size === 0
      ? unit.platformsListed || samePlatform(platform, nativePlatform)
      : wanted.has(formatPlatform(platform));
  const selected = nodes.filter((node) => matched.has(node) && isWanted(node));
  return new Set(selected.map(({ id }) => id));
}

function matchAll(
  patterns: readonly string[],
  nodes: readonly Node[],
  dependents: ReadonlyMap<TargetId, readonly Node[]>,
): Set<Node> {
  const matched = new Set<Node>();
  const nothing: string[] = [];
  for (const written of patterns) {
    const withDependents = written.endsWith("+");
    const pattern = withDependents ? written.slice(0, -1) : written;
    const direct = nodes.filter(matcher(pattern));
    if (direct.length === 0) nothing.push(pattern);
    for (const node of withDependents ? closure(direct, dependents) : direct) matched.add(node);
  }
  if (nothing.length > 0) throw matchesNothing(nothing, nodes);
  return matched;
}

function matcher(pattern: string): (node: Node) => boolean {
  const colon = pattern.indexOf(":");
  const name = globPattern(colon === -1 ? pattern : pattern.slice(0, colon));
  const tag = globPattern(colon === -1 ? "**" : pattern.slice(colon + 1));
  return ({ unit }) => name.test(unit.image.name) && tag.test(unit.tag);
}

function closure(
  start: readonly Node[],
  dependents: ReadonlyMap<TargetId, readonly Node[]>,
): Set<Node> {
  const reached = new Set(start);
  // A Set iterates over what is added meanwhile.
  for (const node of reached) for (const next of dependents.get(node.id) ?? []) reached.add(next);
  return reached;
}

function matchesNothing(patterns: readonly string[], nodes: readonly Node[]): HiveError {
  const names = [...new Set(nodes.map(({ unit }) => unit.image.name))];
  const references = [...new Set(nodes.map(({ unit }) => unit.reference))];
  const list = patterns.map((pattern) => `"${pattern}"`).join(", ");
  const near = patterns.flatMap((pattern) =>
    closestNames(pattern, pattern.includes(":") ? references : names),
  );
  // Of an image that there is only the tag is wrong.
  const sameName = references.filter((reference) =>
    patterns.some((pattern) => pattern.includes(":") && reference.startsWith(nameOf(pattern))),
  );
  return new HiveError("usage", `Cannot select ${list}: no image matches`, {
    hint:
      near.length > 0
        ? `Did you mean ${[...new Set(near)].join(", ")}?`
        : `The project's images are ${shortList(sameName.length > 0 ? sameName : names)}.`,
  });
}

/** With its colon. */
function nameOf(pattern: string): string {
  return pattern.slice(0, pattern.indexOf(":") + 1);
}

function checkPlatforms(wanted: ReadonlySet<string>, matched: ReadonlySet<Node>): void {
  const there = new Set([...matched].map(({ platform }) => formatPlatform(platform)));
  const missing = [...wanted].filter((platform) => !there.has(platform));
  if (missing.length === 0) return;
  throw new HiveError(
    "usage",
    `Cannot build for ${missing.join(", ")}: no selected image has this platform`,
    { hint: `The platforms there are: ${[...there].join(", ")}.` },
  );
}
