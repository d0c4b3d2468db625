import type { Diagnostic } from "../base/diagnostic.ts";
import { lineOfPlace, type SourceText } from "../base/source-text.ts";
import type { Node } from "./graph.ts";
import type { Dependency, TargetId } from "./plan.ts";

/** An edge with the node that it starts at. */
type Edge = { readonly from: Node; readonly dependency: Dependency };

/**
 * For every edge in a cycle the shortest cycle through it, each once: so every line that takes part in one is shown,
 * where all simple cycles could be exponentially many. A cycle that is the same on several platforms counts once.
 */
export function findCycles(
  stuck: readonly Node[],
  sources: ReadonlyMap<string, SourceText>,
): Diagnostic[] {
  const nodes = new Map(stuck.map((node) => [node.id, node]));
  const found = new Map<string, Diagnostic>();
  for (const from of stuck.slice(0, mostNodes)) {
    for (const dependency of from.dependencies) {
      const back = shortestPath(dependency.target, from.id, nodes);
      if (back === undefined) continue;
      const cycle = startAtSmallest([{ from, dependency }, ...back]);
      const key = cycle.map((edge) => keyOf(edge)).join("\n");
      if (!found.has(key)) found.set(key, toDiagnostic(cycle, sources));
    }
  }
  return [...found.values()];
}

// Bounds the search (its cost grows with the square); more cycles than this many nodes have help nobody.
const mostNodes = 500;

function shortestPath(
  start: TargetId,
  end: TargetId,
  nodes: ReadonlyMap<TargetId, Node>,
): Edge[] | undefined {
  const reachedBy = new Map<TargetId, Edge | undefined>([[start, undefined]]);
  // A Map iterates over what is added meanwhile: it is the queue, too.
  for (const id of reachedBy.keys()) {
    if (id === end) return walkBack(id, reachedBy);
    const from = nodes.get(id);
    for (const dependency of from?.dependencies ?? []) {
      if (from === undefined || reachedBy.has(dependency.target)) continue;
      reachedBy.set(dependency.target, { from, dependency });
    }
  }
  return undefined;
}

function walkBack(end: TargetId, reachedBy: ReadonlyMap<TargetId, Edge | undefined>): Edge[] {
  const path: Edge[] = [];
  for (let edge = reachedBy.get(end); edge !== undefined; edge = reachedBy.get(edge.from.id)) {
    path.push(edge);
  }
  return path.toReversed();
}

function startAtSmallest(cycle: readonly Edge[]): Edge[] {
  const ids = cycle.map(({ from }) => from.id);
  const smallest = ids.indexOf(ids.toSorted()[0] ?? ("" as TargetId));
  return [...cycle.slice(smallest), ...cycle.slice(0, smallest)];
}

function keyOf({ from, dependency }: Edge): string {
  const { file, line, column } = dependency.place;
  return JSON.stringify([from.unit.reference, file, line, column]);
}

function toDiagnostic(
  cycle: readonly Edge[],
  sources: ReadonlyMap<string, SourceText>,
): Diagnostic {
  const references = cycle.map(({ from }) => from.unit.reference);
  const path = [...references, references[0] ?? ""];
  const [first, ...others] = cycle.map(({ from, dependency: { place } }, index) => ({
    place,
    lineText: lineOfPlace(sources, place),
    message: `${from.unit.reference} needs ${path[index + 1]}`,
  }));
  if (first === undefined) throw new Error("Internal error: a cycle without edges");
  return {
    code: "HV3004",
    severity: "error",
    message: `Cycle: ${path.join(" -> ")}`,
    place: first.place,
    lineText: first.lineText,
    label: first.message,
    help: "an image can't be built on itself; remove one of these references",
    ...(others.length > 0 ? { related: others } : {}),
  };
}
