import { expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { createScratch } from "../../src/oci/scratch.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test("createScratch() leaves nothing when it is disposed while its files are being removed", async () => {
  await using directory = await tempDirectory();
  const big = new Uint8Array(3_000_000);
  // Without care about a third of them stay.
  for (let count = 0; count < 60; count++) {
    const scratch = createScratch(directory.path);
    const removals = ["a", "b", "c", "d"].map(async (name) => {
      writeFileSync(join(scratch.path, name), big);
      await unlink(join(scratch.path, name)).catch(() => {});
    });
    scratch[Symbol.dispose]();
    expect(readdirSync(directory.path)).toEqual([]);
    await Promise.all(removals);
  }
});
