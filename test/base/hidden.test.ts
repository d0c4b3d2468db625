import { expect, test } from "bun:test";
import { inspect } from "node:util";
import { Hidden } from "../../src/base/hidden.ts";

test("a hidden text is shown by nothing but reveal()", () => {
  const hidden = new Hidden("s3cret");
  const shown = [
    JSON.stringify({ hidden }),
    String(hidden),
    inspect({ hidden }),
    Bun.inspect({ hidden }),
    JSON.stringify(structuredClone({ hidden })),
    Object.values(hidden).join(),
  ];
  for (const text of shown) expect(text).not.toContain("s3cret");
  expect(hidden.reveal()).toBe("s3cret");
});
