import { describe, expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { findCommand } from "../../src/cli/find-command.ts";

describe("findCommand()", () => {
  test.each<[string[], { path: string[]; help: boolean; rest: string[] }]>([
    [[], { path: [], help: false, rest: [] }],
    [["--help"], { path: [], help: false, rest: ["--help"] }],
    [["build", "app"], { path: ["build"], help: false, rest: ["app"] }],
    [["registry"], { path: ["registry"], help: false, rest: [] }],
    [
      ["registry", "config", "docker"],
      { path: ["registry", "config"], help: false, rest: ["docker"] },
    ],
    [
      ["-p", "dir", "registry", "--color=never", "config", "--json"],
      { path: ["registry", "config"], help: false, rest: ["-p", "dir", "--color=never", "--json"] },
    ],
    [["help"], { path: [], help: true, rest: [] }],
    [["help", "build"], { path: ["build"], help: true, rest: [] }],
    [["help", "registry", "config"], { path: ["registry", "config"], help: true, rest: [] }],
    [["registry", "help", "config"], { path: ["registry", "config"], help: true, rest: [] }],
    // A word of the command's own, not of ours.
    [["plan", "help"], { path: ["plan"], help: false, rest: ["help"] }],
  ])("follows %j", (argv, found) => {
    const { path, help, rest } = findCommand(argv);
    expect({ path: [...path], help, rest: [...rest] }).toEqual(found);
  });

  test.each([
    {
      argv: ["version"],
      message: 'Unknown command "version"',
      hint: 'Did you mean "hive --version"?',
    },
    { argv: ["biuld"], message: 'Unknown command "biuld"', hint: 'Did you mean "hive build"?' },
    {
      argv: ["registry", "confg"],
      message: 'Unknown command "registry confg"',
      hint: 'Did you mean "hive registry config"?',
    },
    {
      argv: ["help", "registry", "zzz"],
      message: 'Unknown command "registry zzz"',
      hint: "Run `hive registry --help` to see the commands",
    },
    {
      argv: ["catalog"],
      message: 'Unknown command "catalog"',
      hint: 'Did you mean "hive registry catalog"?',
    },
    // In two groups.
    {
      argv: ["prune"],
      message: 'Unknown command "prune"',
      hint: "Run `hive --help` to see the commands",
    },
    // Near only to a command outside of the group.
    {
      argv: ["registry", "build"],
      message: 'Unknown command "registry build"',
      hint: "Run `hive registry --help` to see the commands",
    },
  ])("refuses $argv", ({ argv, message, hint }) => {
    let thrown: unknown;
    try {
      findCommand(argv);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(HiveError);
    expect(thrown).toMatchObject({ kind: "usage", message, hint });
  });
});

test.each(["command-table.ts", "registry-commands.ts", "dev-commands.ts", "find-command.ts"])(
  "%s loads no command before it is run",
  async (file) => {
    const text = await Bun.file(`src/cli/${file}`).text();
    const loaded = [...text.matchAll(/^import (?!type)[^;]* from "([^"]+)"/gm)].map(
      ([, name]) => name,
    );
    expect(loaded.filter((name) => name?.includes("/commands/"))).toEqual([]);
  },
);
