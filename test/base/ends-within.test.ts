import { expect, test } from "bun:test";
import { endsWithin } from "../../src/base/ends-within.ts";

test("endsWithin() tells whether the task ended in time, and throws what it throws", async () => {
  expect(await endsWithin(Promise.resolve("done"), 10_000)).toBe(true);
  expect(await endsWithin(Promise.withResolvers<never>().promise, 1)).toBe(false);
  expect(endsWithin(Promise.reject(new Error("broken")), 10_000)).rejects.toThrow("broken");
});
