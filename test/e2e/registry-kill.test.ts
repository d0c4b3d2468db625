import { expect, test } from "bun:test";
import { join } from "node:path";
import { surviveKills } from "../registry/store/support/survive-kills.ts";
import { requireEnv } from "../support/require-env.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test("hive registry start loses nothing that it acknowledged when it is killed", async () => {
  await using parent = await tempDirectory();
  const directory = join(parent.path, "store");
  const command = [
    requireEnv("HIVE_BINARY"),
    "registry",
    "start",
    "--port=0",
    `--storage=${directory}`,
    "--sync=always",
  ];
  await surviveKills({ directory, sync: "always", rounds: 200, command });
  expect(await Bun.file(join(directory, "journal")).exists()).toBe(true);
}, 300_000);
