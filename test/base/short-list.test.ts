import { expect, test } from "bun:test";
import { shortList } from "../../src/base/short-list.ts";

test("shortList() counts what it does not show", () => {
  const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
  expect(shortList([])).toBe("");
  expect(shortList(names.slice(0, 2))).toBe("n0, n1");
  expect(shortList(names.slice(0, 10))).toBe("n0, n1, n2, n3, n4, n5, n6, n7, n8, n9");
  expect(shortList(names)).toBe("n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 2 more");
});
