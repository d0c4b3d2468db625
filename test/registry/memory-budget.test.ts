import { expect, test } from "bun:test";
import { createMemoryBudget } from "../../src/registry/memory-budget.ts";

const mebibyte = 1024 * 1024;

test("a budget is shared, given back, and leaves a little for everybody", () => {
  const budget = createMemoryBudget(2 * mebibyte);
  const refusal = expect.objectContaining({ status: 429, code: "TOOMANYREQUESTS" });
  {
    using big = budget.open();
    big.add(mebibyte);
    using other = budget.open();
    for (let i = 0; i < 16; i++) other.add(mebibyte / 16);
    expect(() => other.add(mebibyte)).toThrow(refusal);
    using small = budget.open();
    expect(() => small.add(64 * 1024)).not.toThrow();
  }
  using again = budget.open();
  expect(() => again.add(2 * mebibyte)).not.toThrow();
  expect(() => again.add(mebibyte)).toThrow(refusal);
});
