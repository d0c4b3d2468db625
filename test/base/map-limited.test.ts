import { expect, test } from "bun:test";
import { mapLimited } from "../../src/base/map-limited.ts";

test("mapLimited() keeps the order and runs no more than the limit at a time", async () => {
  let running = 0;
  let most = 0;
  const results = await mapLimited([5, 1, 4, 2, 3], 2, async (value) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < value; turn++) await Promise.resolve();
    running -= 1;
    return value * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

test("mapLimited() fails as its first failure does, and takes an empty list", async () => {
  expect(await mapLimited([], 3, async () => 1)).toEqual([]);
  const run = mapLimited([1, 2, 3], 1, async (value) => {
    if (value === 2) throw new Error("two");
    return value;
  });
  expect(run).rejects.toThrow("two");
});
