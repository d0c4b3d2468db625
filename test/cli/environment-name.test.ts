import { expect, test } from "bun:test";
import { environmentName, groupOfFlags } from "../../src/cli/environment-name.ts";

test.each<[string, string | undefined, string]>([
  ["on-failure", undefined, "HIVE_ON_FAILURE"],
  ["port", "registry", "HIVE_REGISTRY_PORT"],
  ["dry-run", "registry", "HIVE_REGISTRY_DRY_RUN"],
  // Its name is said once.
  ["registry", "registry", "HIVE_REGISTRY"],
  // Flags of every command are the same everywhere.
  ["log-level", "registry", "HIVE_LOG_LEVEL"],
])("--%s in group %p is %s", (flag, group, variable) => {
  expect(environmentName(flag, group)).toBe(variable);
});

test.each<[string[], string | undefined]>([
  [[], undefined],
  [["build"], undefined],
  [["registry", "config"], "registry"],
  [["registry", "user", "add"], "registry"],
])("the flags of %j have the name of %p", (path, group) => {
  expect(groupOfFlags(path)).toBe(group);
});
