/** `change` of every item, in the items' order, with at most `limit` running at a time. The first failure wins. */
export async function mapLimited<Item, Result>(
  items: readonly Item[],
  limit: number,
  change: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  // The workers share one iterator: each takes the next item when it is done with its last.
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await change(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
