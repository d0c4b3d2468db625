import { expect, test } from "bun:test";
import { findNamedRegistry } from "../../src/cli/find-named-registry.ts";
import type { NamedRegistry } from "../../src/project/project.ts";

const usual = {
  place: { file: "hive.yml", line: 1, column: 1 },
  promoteFrom: [],
  require: [],
  mirror: [],
};
const registries = new Map<string, NamedRegistry>([
  ["all", { ...usual, address: "r.test" }],
  ["team", { ...usual, address: "https://r.test/team/" }],
  ["live", { ...usual, address: "r.test/team/live", role: "prod" }],
  ["twin", { ...usual, address: "twin.test:5000", role: "ci" }],
  ["prod", { ...usual, address: "twin.test:5000", role: "prod" }],
]);

test.each([
  ["r.test", "app", "all"],
  ["r.test", "", "all"],
  ["r.test", "team", "team"],
  ["r.test", "team/app", "team"],
  ["r.test", "teams/app", "all"],
  ["r.test", "team/live/app", "live"],
  ["r.test:5000", "app", undefined],
  // What could be either is kept safe.
  ["twin.test:5000", "app", "prod"],
])("%s/%s belongs to %s", (host, path, name) => {
  expect(findNamedRegistry({ registries }, host, path)?.name).toBe(name);
});
