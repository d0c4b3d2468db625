/**
 * Puts together what can't be told apart by order: the nodes of every circle. Each part comes after those that it needs.
 * Nodes and their needs keep the order in which they are given; needs that are no nodes are left out.
 */
export function condense<T>(needs: ReadonlyMap<T, readonly T[]>): T[][] {
  // Tarjan's algorithm, with a stack of its own: graphs may be deep.
  const order = new Map<T, number>();
  const lowest = new Map<T, number>();
  const open: T[] = [];
  const isOpen = new Set<T>();
  const parts: T[][] = [];
  const lower = (node: T, value: number): void => {
    lowest.set(node, Math.min(lowest.get(node) ?? value, value));
  };
  for (const start of needs.keys()) {
    if (order.has(start)) continue;
    const way: { readonly node: T; readonly rest: Iterator<T> }[] = [];
    const enter = (node: T): void => {
      lower(node, order.size);
      order.set(node, order.size);
      open.push(node);
      isOpen.add(node);
      way.push({ node, rest: (needs.get(node) ?? [])[Symbol.iterator]() });
    };
    enter(start);
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const { node, rest } = top;
      const next = rest.next();
      if (next.done === true) {
        way.pop();
        const above = way.at(-1);
        const low = lowest.get(node) ?? 0;
        if (above !== undefined) lower(above.node, low);
        if (low === order.get(node)) {
          const part = open.splice(open.indexOf(node));
          for (const member of part) isOpen.delete(member);
          parts.push(part);
        }
      } else if (needs.has(next.value)) {
        if (!order.has(next.value)) enter(next.value);
        else if (isOpen.has(next.value)) lower(node, order.get(next.value) ?? 0);
      }
    }
  }
  return parts;
}
