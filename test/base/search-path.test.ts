import { expect, test } from "bun:test";
import { searchPath } from "../../src/base/search-path.ts";

test.each([
  ["/usr/bin:/bin", "/usr/bin:/bin"],
  [".:/usr/bin::bin:/bin:", "/usr/bin:/bin"],
  ["", ""],
  [undefined, ""],
])("searchPath() of PATH=%p is %p", (PATH, expected) => {
  expect(searchPath({ PATH })).toBe(expected);
});
