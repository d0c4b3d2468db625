import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { HiveError } from "../../src/base/hive-error.ts";
import { canonicalArguments, listOf, numberOf, splitCommand } from "../../src/cli/arguments.ts";
import { globalFlags } from "../../src/cli/global-flags.ts";

const flags = {
  patterns: { type: "positional", required: false, valueHint: "pattern..." },
  platform: { type: "string", valueHint: "platform,..." },
  jobs: { type: "string", alias: "j", default: "8" },
  json: { type: "boolean" },
  cache: { type: "boolean", default: true, negativeDescription: "Run everything" },
  mode: { type: "enum", options: ["fast", "slow"] },
} as const satisfies ArgsDef;

const definitions: ArgsDef = { ...globalFlags, ...flags };

describe("canonicalArguments()", () => {
  test.each<[string[], string[]]>([
    [[], ["--"]],
    [
      ["app", "base:1"],
      ["--", "app", "base:1"],
    ],
    [["--jobs=3"], ["--jobs=3", "--"]],
    [
      ["-j", "3", "app"],
      ["--jobs=3", "--", "app"],
    ],
    [["-j3"], ["--jobs=3", "--"]],
    [
      ["--jobs=1", "--jobs=2"],
      ["--jobs=2", "--"],
    ],
    [
      ["--platform", "a", "--platform=b,c"],
      ["--platform=a,b,c", "--"],
    ],
    [["--json"], ["--json", "--"]],
    [["--json=false"], ["--no-json", "--"]],
    [["--no-json"], ["--no-json", "--"]],
    [["--no-cache"], ["--no-cache", "--"]],
    [
      ["--mode=slow", "--", "--odd"],
      ["--mode=slow", "--", "--odd"],
    ],
    [
      ["-p", "x", "-C", "y"],
      ["--project=y", "--"],
    ],
  ])("writes %j as %j", (written, canonical) => {
    expect(canonicalArguments(written, definitions, {})).toEqual(canonical);
  });

  test.each<[string[], string]>([
    [["--jsno"], "Unknown flag --jsno"],
    [["-z"], "Unknown flag -z"],
    [["--jobs"], "--jobs without a value"],
    [["--jobs="], "--jobs without a value"],
    [["--jobs", "--json"], "--jobs without a value"],
    [["--no-jobs"], "Unknown flag --no-jobs"],
    [["--mode=medium"], "expected fast, slow"],
    [["--json=perhaps"], "expected true or false"],
    [["--patterns=x"], "Unknown flag --patterns"],
  ])("refuses %j: %s", (written, message) => {
    expect(() => canonicalArguments(written, definitions, {})).toThrow(HiveError);
    expect(() => canonicalArguments(written, definitions, {})).toThrow(message);
  });

  test("takes what is absent from HIVE_<FLAG>; the flag wins", () => {
    const env = {
      HIVE_JOBS: "4",
      HIVE_JSON: "yes",
      HIVE_NO_CACHE: "1",
      HIVE_HELP: "1",
      HIVE_MODE: "",
    };
    expect(canonicalArguments(["--jobs=5"], definitions, env)).toEqual([
      "--jobs=5",
      "--json",
      "--no-cache",
      "--",
    ]);
    expect(() => canonicalArguments([], definitions, { HIVE_JSON: "maybe" })).toThrow(
      "Cannot use the value of HIVE_JSON: expected true or false",
    );
  });

  test("takes the flags of a group's commands from HIVE_<GROUP>_<FLAG>", () => {
    const env = { HIVE_JOBS: "4", HIVE_REGISTRY_JOBS: "7", HIVE_PROJECT: "here" };
    expect(canonicalArguments([], definitions, env, "registry")).toEqual([
      "--project=here",
      "--jobs=7",
      "--",
    ]);
  });

  test("counts positional arguments where they are named", () => {
    const one: ArgsDef = {
      reference: { type: "positional", required: true, valueHint: "reference" },
    };
    expect(canonicalArguments(["a"], one, {})).toEqual(["--", "a"]);
    expect(() => canonicalArguments([], one, {})).toThrow("Missing argument: reference");
    expect(() => canonicalArguments(["a", "b"], one, {})).toThrow('Unexpected argument "b"');
    for (const argv of [[], ["a", "b"]]) {
      expect(() => canonicalArguments(argv, one, {})).toThrow(
        expect.objectContaining({ hint: expect.stringContaining("--help") }),
      );
    }
    const many: ArgsDef = {
      references: { type: "positional", required: true, valueHint: "reference..." },
    };
    expect(canonicalArguments(["a", "b"], many, {})).toEqual(["--", "a", "b"]);
    expect(() => canonicalArguments([], many, {})).toThrow("Missing argument: reference...");
  });
});

describe("splitCommand()", () => {
  test.each<[string[], string | undefined, string[]]>([
    [["build", "app"], "build", ["app"]],
    [["-p", "dir", "build", "-j", "2"], "build", ["-p", "dir", "-j", "2"]],
    [["--project=dir", "plan"], "plan", ["--project=dir"]],
    [["--version"], undefined, ["--version"]],
    [[], undefined, []],
  ])("finds the command in %j", (argv, name, rest) => {
    expect(splitCommand(argv, globalFlags)).toEqual({ name, rest });
  });
});

test("listOf() splits at commas and drops what is empty", () => {
  expect(listOf("a, b,,c")).toEqual(["a", "b", "c"]);
  expect(listOf(undefined)).toEqual([]);
});

test("numberOf() takes whole numbers from the least one on", () => {
  expect(numberOf("jobs", "3", 1)).toBe(3);
  for (const bad of ["0", "-1", "1.5", "x", "", "1e3"])
    expect(() => numberOf("jobs", bad, 1)).toThrow(HiveError);
});
