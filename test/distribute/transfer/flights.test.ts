import { describe, expect, test } from "bun:test";
import { createFlights } from "../../../src/distribute/transfer/flights.ts";

describe("createFlights()", () => {
  test("runs once what several want, and says whose it was", async () => {
    const flights = createFlights<number>();
    let runs = 0;
    const action = async (): Promise<number> => await Promise.resolve(++runs);
    const all = await Promise.all([1, 2, 3].map(() => flights.once("key", "way", action)));
    expect(all).toEqual([
      { value: 1, own: true },
      { value: 1, own: false },
      { value: 1, own: false },
    ]);
    expect(await flights.once("key", "way", action)).toEqual({ value: 1, own: false });
    expect(await flights.once("other", "way", action)).toEqual({ value: 2, own: true });
  });

  test("a failure is that of all who would go the same way; another way is tried, and so is a later time", async () => {
    const flights = createFlights<string>();
    const tried: string[] = [];
    const go = (way: string, fails: boolean): Promise<{ value: string; own: boolean }> =>
      flights.once("key", way, async () => {
        tried.push(way);
        await Promise.resolve();
        if (fails) throw new Error(`${way} fails`);
        return way;
      });
    const outcomes = await Promise.allSettled([go("a", true), go("a", true), go("b", true)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(tried).toEqual(["a", "b"]);
    expect(await go("a", false)).toEqual({ value: "a", own: true });
    expect(await go("b", true)).toEqual({ value: "a", own: false });
  });
});
