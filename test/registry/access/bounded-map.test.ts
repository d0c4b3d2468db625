import { expect, test } from "bun:test";
import { BoundedMap } from "../../../src/registry/access/bounded-map.ts";

test("BoundedMap forgets what was not used for the longest", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.get("a");
  map.set("c", 3);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([1, undefined, 3]);
  map.set("a", 4);
  map.delete("c");
  expect([map.get("a"), map.get("c")]).toEqual([4, undefined]);
});
