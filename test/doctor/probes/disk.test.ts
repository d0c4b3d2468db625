import { expect, test } from "bun:test";
import { join } from "node:path";
import { diskProbe } from "../../../src/doctor/probes/disk.ts";
import { smallDisk } from "../../support/small-disk.ts";
import { findings } from "../support/empty-world.ts";

test("diskProbe warns where there is little room, and says of what", async () => {
  await using disk = await smallDisk();
  expect(await findings(diskProbe, { storage: disk.path })).toMatchObject([
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
  const storage = join(disk.path, "registry");
  expect(await findings(diskProbe, { env, storage })).toMatchObject([{ status: "skipped" }]);
});
