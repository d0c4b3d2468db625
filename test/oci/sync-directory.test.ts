import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { syncDirectory } from "../../src/oci/sync-directory.ts";
import { tempDirectory } from "../support/temp-directory.ts";

describe("syncDirectory()", () => {
  test("calls that come during a sync share the next one, which is another one", async () => {
    await using directory = await tempDirectory();
    const first = syncDirectory(directory.path);
    const second = syncDirectory(directory.path);
    const third = syncDirectory(directory.path);
    expect(second).toBe(third);
    expect(second).not.toBe(first);
    const order: string[] = [];
    await Promise.all([
      first.then(() => order.push("first")),
      second.then(() => order.push("second")),
    ]);
    expect(order).toEqual(["first", "second"]);
    const later = syncDirectory(directory.path);
    expect(later).not.toBe(second);
    await later;
  });

  test("an error reaches those who asked, and the next call tries again", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "missing");
    const calls = [syncDirectory(path), syncDirectory(path), syncDirectory(path)];
    const results = await Promise.allSettled(calls);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await Bun.$`mkdir ${path}`.quiet();
    await syncDirectory(path);
  });
});
