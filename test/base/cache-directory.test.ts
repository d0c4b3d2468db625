import { expect, test } from "bun:test";
import { cacheDirectory } from "../../src/base/cache-directory.ts";

test.each([
  [{ XDG_CACHE_HOME: "/cache", HOME: "/home/me" }, "/cache/hive"],
  [{ XDG_CACHE_HOME: "cache", HOME: "/home/me" }, "/home/me/.cache/hive"],
  [{ HOME: "/home/me" }, "/home/me/.cache/hive"],
  [{ HOME: "" }, undefined],
  [{}, undefined],
])("cacheDirectory() of %j is %p", (env, expected) => {
  expect(cacheDirectory(env)).toBe(expected);
});
