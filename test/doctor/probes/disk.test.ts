import { expect, test } from "bun:test";
import { join } from "node:path";
import { diskProbe } from "../../../src/doctor/probes/disk.ts";
import type { Finding, World } from "../../../src/doctor/probe.ts";
import { HiveError } from "../../../src/base/hive-error.ts";
import { smallDisk } from "../../support/small-disk.ts";

async function look(env: World["env"], storage?: string): Promise<readonly Finding[]> {
  if (diskProbe.needs !== "nothing") throw new Error("It needs nothing.");
  const error = new HiveError("unreachable", "nobody there");
  const world: World = {
    env,
    version: "1.2.3",
    storage,
    findAuthority: async () => undefined,
    project: Promise.resolve({ kind: "absent" }),
    buildkit: Promise.resolve({ kind: "missing", error }),
  };
  return await diskProbe.run(undefined, world, new AbortController().signal);
}

test("diskProbe warns where there is little room, and says of what", async () => {
  await using disk = await smallDisk();
  expect(await look({}, disk.path)).toMatchObject([
    {
      status: "warn",
      detail: expect.stringMatching(
        /^only 2\.\d MB free for \S+ \(the registry of this machine\)$/,
      ),
      fix: expect.stringContaining("hive registry gc"),
    },
  ]);
});

test("diskProbe has nothing to say of what was never used", async () => {
  await using disk = await smallDisk();
  const env = { XDG_CACHE_HOME: join(disk.path, "cache") };
  expect(await look(env, join(disk.path, "registry"))).toMatchObject([{ status: "skipped" }]);
});
