import { mapLimited } from "../../base/map-limited.ts";

/** Waits until all have ended, then throws the first failure: nothing is left running behind. */
export async function settleAll(actions: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(actions);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** The same of an action for every item, with at most `limit` running at a time. */
export async function settleEach<Item>(
  items: readonly Item[],
  limit: number,
  action: (item: Item) => Promise<void>,
): Promise<void> {
  const failures: { readonly error: unknown }[] = [];
  await mapLimited(items, limit, async (item) => {
    await action(item).catch((error: unknown) => failures.push({ error }));
  });
  const [first] = failures;
  if (first !== undefined) throw first.error;
}
