import { expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { nameVariable } from "../../src/cli/name-variable.ts";

const env = { HIVE_JOBS: "x", HIVE_DEV_TIMEOUT: "soon", HIVE_EMPTY: "" };
const from = (written: readonly string[], group?: string) => ({ written, env, group });
const usage = (message: string): HiveError => new HiveError("usage", message, { hint: "Do so." });

test("nameVariable() names the variable that a flag's value came from", () => {
  const jobs = usage("Cannot use --jobs=x: expected a number");
  expect(nameVariable(jobs, from(["--json", "--"]))).toMatchObject({
    kind: "usage",
    message: "Cannot use HIVE_JOBS=x: expected a number",
    hint: "Do so.",
  });
  const timeout = usage("Cannot use --timeout=soon: it is no span of time");
  expect(nameVariable(timeout, from([], "dev"))).toMatchObject({
    message: "Cannot use HIVE_DEV_TIMEOUT=soon: it is no span of time",
  });
});

test.each([
  ["a flag that was written", usage("Cannot use --jobs=x: no"), ["--jobs=x"]],
  ["a flag whose variable is not set", usage("Cannot use --tail=x: no"), []],
  ["a flag whose variable is empty", usage("Cannot use --empty=: no"), []],
  ["something else", usage("Cannot use https://example.com --jobs=x"), []],
  ["what is no wrong usage", new HiveError("failed", "Cannot use --jobs=x"), []],
  ["a bug", new Error("Cannot use --jobs=x"), []],
])("nameVariable() leaves an error about %s as it is", (_, error, written) => {
  expect(nameVariable(error, from(written))).toBe(error);
});
