import { expect, test } from "bun:test";
import { freeBytes } from "../../src/server/free-bytes.ts";

test("freeBytes() asks the file system, which may not answer", async () => {
  expect(await freeBytes("/")).toBeGreaterThan(0);
  expect(await freeBytes("/does/not/exist")).toBeUndefined();
});
