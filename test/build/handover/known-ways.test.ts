import { describe, expect, test } from "bun:test";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { openKnownWays } from "../../../src/build/handover/known-ways.ts";
import type { Buildkit } from "../../../src/buildkit/connect-buildkit.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

/** As far as it matters here: an address, and a daemon there. */
function daemon(address: string, id = "worker"): Buildkit {
  return { address, workers: [{ id, platforms: [], labels: {} }] } as unknown as Buildkit;
}

const near = daemon("unix:///near.sock");
const hour = 60 * 60 * 1000;

describe("openKnownWays()", () => {
  test("remembers a daemon at an address, in a file of the user's own", async () => {
    await using directory = await tempDirectory();
    const env = { XDG_CACHE_HOME: directory.path, HOME: "/nowhere" };
    const ways = openKnownWays(env);
    expect(ways.find(near)).toBeUndefined();
    await ways.remember(near, "session");
    await ways.remember(daemon("tcp://far:1234"), "registry");
    const again = openKnownWays(env);
    expect(again.find(near)).toBe("session");
    expect(again.find(daemon("tcp://far:1234"))).toBe("registry");
    expect(again.find(daemon("tcp://far:1234", "another"))).toBeUndefined();
    await again.remember(near, undefined);
    expect(ways.find(near)).toBeUndefined();

    const hive = join(directory.path, "hive");
    expect(await readdir(hive)).toEqual(["handover.json"]);
    const modes = [await stat(hive), await stat(join(hive, "handover.json"))];
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600]);
  });

  test("forgets what is a day old, or of the future, and all but the newest of many", async () => {
    await using directory = await tempDirectory();
    const env = { HOME: directory.path };
    const ways = openKnownWays(env);
    await ways.remember(near, "registry");
    const path = join(directory.path, ".cache/hive/handover.json");
    const text = await Bun.file(path).text();
    const atAge = async (age: number) => {
      await Bun.write(path, text.replace(/"time": \d+/, `"time": ${Date.now() - age}`));
      return ways.find(near);
    };
    expect(await atAge(23 * hour)).toBe("registry");
    expect(await atAge(25 * hour)).toBeUndefined();
    expect(await atAge(-hour)).toBeUndefined();

    await Bun.write(path, text);
    // At once, as the targets of a run do.
    const many = Array.from({ length: 60 }, (_, at) => daemon(`unix:///${at}.sock`));
    await Promise.all(many.map((one) => ways.remember(one, "session")));
    const kept = many.filter((one) => ways.find(one) !== undefined);
    expect(kept).toEqual(many.slice(-50));
    expect(ways.find(near)).toBeUndefined();
  });

  test.each([
    ["no JSON", "{ broken"],
    ["no entries", "[1, null]"],
    ["another way", `{ "unix:///near.sock": { "way": "pigeon", "time": 1 } }`],
    ["too much", `{ "x": "${"x".repeat(100_000)}" }`],
  ])("takes a file with %s for an empty one, and mends it", async (_, text) => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "hive/handover.json");
    await Bun.write(path, text);
    const ways = openKnownWays({ XDG_CACHE_HOME: directory.path });
    expect(ways.find(near)).toBeUndefined();
    await ways.remember(near, "registry");
    expect(ways.find(near)).toBe("registry");
  });

  test("does without where there is no place for it, or none that can be written", async () => {
    await using directory = await tempDirectory();
    await mkdir(join(directory.path, "hive/handover.json"), { recursive: true });
    for (const env of [{}, { XDG_CACHE_HOME: "relative" }, { XDG_CACHE_HOME: directory.path }]) {
      const ways = openKnownWays(env);
      await ways.remember(near, "registry");
      expect(ways.find(near)).toBeUndefined();
    }
    expect(await readdir(directory.path)).toEqual(["hive"]);
  });
});
