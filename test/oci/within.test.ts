import { expect, test } from "bun:test";
import { within } from "../../src/oci/within.ts";

test("a prefix stands before a name, and none leaves it as it is", () => {
  expect([within("team", "app"), within("", "app")]).toEqual(["team/app", "app"]);
});
