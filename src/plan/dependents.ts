import { needsOf } from "./needs-of.ts";
import type { Node } from "./graph.ts";
import type { TargetId } from "./plan.ts";

/** The nodes that need each target, each once however often it refers to it. */
export function dependentsOf(nodes: Iterable<Node>): ReadonlyMap<TargetId, readonly Node[]> {
  const dependents = new Map<TargetId, Node[]>();
  for (const node of nodes) {
    for (const id of needsOf(node)) {
      const known = dependents.get(id);
      if (known === undefined) dependents.set(id, [node]);
      else known.push(node);
    }
  }
  return dependents;
}
