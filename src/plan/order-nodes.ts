import { dependentsOf } from "./dependents.ts";
import { needsOf } from "./needs-of.ts";
import type { Node } from "./graph.ts";
import type { TargetId } from "./plan.ts";

type Order = {
  /** Every node after all that it needs; among equals the order they came in. */
  readonly ordered: readonly Node[];
  /** Nodes that are in a cycle, or behind one. */
  readonly stuck: readonly Node[];
};

/** Sorts nodes topologically, level by level. */
export function orderNodes(nodes: ReadonlyMap<TargetId, Node>): Order {
  const dependents = dependentsOf(nodes.values());
  const waiting = new Map<TargetId, number>();
  for (const node of nodes.values()) waiting.set(node.id, needsOf(node).size);
  const ordered = [...nodes.values()].filter(({ id }) => waiting.get(id) === 0);
  for (const node of ordered) {
    for (const dependent of dependents.get(node.id) ?? []) {
      const left = (waiting.get(dependent.id) ?? 0) - 1;
      waiting.set(dependent.id, left);
      // The loop goes on with what is added here.
      if (left === 0) ordered.push(dependent);
    }
  }
  return { ordered, stuck: [...nodes.values()].filter(({ id }) => waiting.get(id) !== 0) };
}
