import { describe, expect, test } from "bun:test";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";

/** All that take `--buildkit`, with the variable that stands for it. */
const commands: readonly (readonly [command: string, variable: string])[] = [
  ["build", "HIVE_BUILDKIT"],
  ["verify --rebuild", "HIVE_BUILDKIT"],
  ["doctor", "HIVE_BUILDKIT"],
  ["wait --timeout=1s", "HIVE_BUILDKIT"],
  ["dev du", "HIVE_DEV_BUILDKIT"],
  ["dev prune", "HIVE_DEV_BUILDKIT"],
];

const socketOf = (who: string): string => `unix:///nobody/${who}.sock`;

describe.each(commands)("hive %s", (command, variable) => {
  test("takes the flag before the environment before hive.yml", async () => {
    await using project = await projectDirectory({
      "hive.yml": `buildkit:\n  address: ${socketOf("address")}\n`,
    });
    const tried = async (
      env: Readonly<Record<string, string>>,
      ...more: readonly string[]
    ): Promise<unknown> => {
      const options = { cwd: project.path, env: { BUILDKIT_HOST: "", ...env } };
      const { exitCode, stdout, stderr } = await runHive([...command.split(" "), ...more], options);
      // That hive.yml names one is said of it alone.
      const named = new Set((stdout + stderr).match(/unix:\/\/\/nobody\/\w+\.sock/g));
      return [exitCode, ...named];
    };
    const all = { [variable]: socketOf("variable"), BUILDKIT_HOST: socketOf("host") };
    expect(await tried(all, `--buildkit=${socketOf("flag")}`)).toEqual([4, socketOf("flag")]);
    expect(await tried(all)).toEqual([4, socketOf("variable")]);
    expect(await tried({ BUILDKIT_HOST: socketOf("host") })).toEqual([4, socketOf("host")]);
    expect(await tried({})).toEqual([4, socketOf("address")]);
    await project.write(
      "hive.yml",
      `buildkit:\n  address: ${socketOf("address")}\n  nodes: [{ address: "${socketOf("node")}" }]\n`,
    );
    expect(await tried({})).toEqual([4, socketOf("node")]);
  });
});

test.each(commands.filter(([command]) => !/^(build|verify)/.test(command)))(
  "hive %s with %s=managed looks for the one that hive runs, and starts none",
  async (command, variable) => {
    await using cache = await tempDirectory();
    const env = { BUILDKIT_HOST: "", XDG_CACHE_HOME: cache.path, [variable]: "managed" };
    const { exitCode, stdout, stderr } = await runHive(command.split(" "), { cwd: "/", env });
    expect([exitCode, stdout + stderr]).toEqual([4, expect.stringContaining("hive runs none now")]);
  },
);
