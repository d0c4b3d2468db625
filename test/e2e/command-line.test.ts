import { describe, expect, test } from "bun:test";
import { runHive } from "../support/run-hive.ts";
import { requireEnv } from "../support/require-env.ts";
import { projectDirectory } from "../support/project-directory.ts";

describe("hive", () => {
  test("--version prints its version", async () => {
    const result = await runHive(["--version"]);
    expect([result.exitCode, result.stderr]).toEqual([0, ""]);
    expect(result.stdout).toMatch(/^hive \d+\.\d+\.\d+/);
  });

  test.each([[["--help"]], [["-h"]], [["help"]]])(
    "%p prints the commands to stdout",
    async (args) => {
      const result = await runHive(args);
      expect([result.exitCode, result.stderr]).toEqual([0, ""]);
      for (const command of ["build", "plan", "graph", "generate", "list", "export", "load"])
        expect(result.stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    },
  );

  test.each([[["build", "--help"]], [["help", "build"]], [["--color=never", "build", "-h"]]])(
    "%p prints the command's flags",
    async (args) => {
      const result = await runHive(args);
      expect(result.exitCode).toBe(0);
      expect(result.stdout).toContain("--on-failure");
    },
  );

  test.each([
    [["registry", "--help"], "Usage: hive registry <command>"],
    [["help", "registry"], "Usage: hive registry <command>"],
    [["help", "registry", "config"], "Usage: hive registry config [flags] <tool>"],
    [["registry", "config", "-h"], "HIVE_REGISTRY_<FLAG>"],
  ])("%p prints the help of a nested command", async (args, says) => {
    const result = await runHive(args);
    expect([result.exitCode, result.stderr]).toEqual([0, ""]);
    expect(result.stdout).toContain(says);
  });

  test("a group without a command is a usage error, with its overview on stderr", async () => {
    const result = await runHive(["registry"]);
    expect([result.exitCode, result.stdout]).toEqual([2, ""]);
    expect(result.stderr).toContain("Usage: hive registry <command>");
  });

  test("without a command is a usage error, with the overview on stderr", async () => {
    const result = await runHive([]);
    expect([result.exitCode, result.stdout]).toEqual([2, ""]);
    expect(result.stderr).toContain("Usage: hive");
  });

  test.each([
    { args: ["biuld"], says: 'Did you mean "hive build"?' },
    { args: ["build", "--plattform=x"], says: "Did you mean --platform?" },
    { args: ["build", "--platform"], says: "--platform without a value" },
    { args: ["build", "--platform", "--jobs", "3"], says: "--platform without a value" },
    { args: ["build", "--jobs=many"], says: "--jobs=many" },
    { args: ["build", "--jobs=0"], says: "at least 1" },
    { args: ["build", "--on-failure=explode"], says: "stop, continue" },
    { args: ["build", "--progress=plan"], says: "Did you mean plain?" },
    { args: ["build", "--no-platform"], says: "--no-platform" },
    { args: ["build", "-x"], says: "-x" },
    { args: ["build", "--json=maybe"], says: "true or false" },
    { args: ["list", "surplus"], says: "surplus" },
    { args: ["--nonsense", "build"], says: "--nonsense" },
    { args: ["export"], says: "reference" },
    { args: ["registry", "confg"], says: 'Did you mean "hive registry config"?' },
    { args: ["registry", "config"], says: "Missing argument: tool" },
  ])("$args is a usage error that says $says", async ({ args, says }) => {
    const result = await runHive(args);
    expect([result.exitCode, result.stdout]).toEqual([2, ""]);
    expect(result.stderr).toContain(says);
  });

  test("flags may stand before the command, and come from the environment", async () => {
    await using project = await projectDirectory();
    const before = await runHive(["-p", project.path, "plan", "--json"], { cwd: "/" });
    const variable = await runHive(["plan", "--json"], {
      cwd: "/",
      env: { HIVE_PROJECT: project.path },
    });
    expect([before.exitCode, variable.exitCode]).toEqual([0, 0]);
    expect(JSON.parse(before.stdout)).toEqual(JSON.parse(variable.stdout));
  });

  test("HIVE_<FLAG> is checked as the flag is, and named when it is wrong", async () => {
    const result = await runHive(["build"], { env: { HIVE_JOBS: "none" } });
    const expected = expect.stringContaining("Cannot use HIVE_JOBS=none: expected a whole number");
    expect([result.exitCode, result.stderr]).toEqual([2, expected]);
    const flag = await runHive(["build", "--jobs=none"], { env: { HIVE_JOBS: "none" } });
    expect(flag.stderr).toContain("Cannot use --jobs=none: expected a whole number");
  });

  test("a slow reader gets all of a large output", async () => {
    const images = Array.from({ length: 300 }, (_, index) => [
      [`images/i${index}/image.yml`, `tags: [{ name: "1" }, { name: "2" }]\n`] as const,
      [`images/i${index}/Dockerfile`, `FROM __hive__/base:1.0\n# ${"x".repeat(500)}\n`] as const,
    ]);
    await using project = await projectDirectory(Object.fromEntries(images.flat()));
    const hive = requireEnv("HIVE_BINARY");
    const shell = Bun.spawn(["sh", "-c", `"$0" plan --json | (sleep 1; cat)`, hive], {
      cwd: project.path,
      stdout: "pipe",
    });
    const plan = JSON.parse(await shell.stdout.text()) as { targets: unknown[] };
    expect(plan.targets).toHaveLength(601);
  });

  test("a closed stdout is no error", async () => {
    const hive = requireEnv("HIVE_BINARY");
    const shell = Bun.spawnSync(
      ["bash", "-c", `set -o pipefail; "$0" --help | true; echo $?`, hive],
      { env: process.env },
    );
    expect([shell.stdout.toString(), shell.stderr.toString()]).toEqual(["0\n", ""]);
  });

  test("colour follows NO_COLOR, --color and whether someone looks", async () => {
    const escape = String.fromCharCode(27);
    const plain = await runHive(["biuld"]);
    const asked = await runHive(["biuld", "--color=always"]);
    const refused = await runHive(["biuld"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
    expect([plain, asked, refused].map(({ stderr }) => stderr.includes(escape))).toEqual([
      false,
      true,
      false,
    ]);
  });
});
