import { expect, test } from "bun:test";
import { environmentValue } from "../../src/base/environment.ts";

test("environmentValue() takes no method of objects for a variable", () => {
  expect(environmentValue({ A: "a", B: "" }, "A")).toBe("a");
  expect(environmentValue({ A: "a", B: "" }, "B")).toBe("");
  for (const name of ["C", "toString", "constructor", "__proto__"]) {
    expect(environmentValue(process.env, name)).toBeUndefined();
  }
});
