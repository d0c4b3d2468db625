import { describe, test } from "bun:test";
import { join } from "node:path";
import { tempDirectory } from "../../support/temp-directory.ts";
import { surviveKills } from "./support/survive-kills.ts";

describe("kill -9 at any moment", () => {
  test.concurrent.each(["always", "never"] as const)(
    "loses nothing that was acknowledged, with sync %s",
    async (sync) => {
      await using directory = await tempDirectory();
      // In one file it starts faster.
      await using bundle = await tempDirectory();
      await Bun.build({
        entrypoints: [join(import.meta.dir, "support", "crash-server.ts")],
        outdir: bundle.path,
        target: "bun",
      });
      const server = join(bundle.path, "crash-server.js");
      const command = [process.execPath, server, directory.path, sync];
      await surviveKills({ directory: directory.path, sync, rounds: 40, command });
    },
    120_000,
  );
});
