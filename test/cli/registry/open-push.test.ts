import { expect, test } from "bun:test";
import { findPush } from "../../../src/cli/registry/open-push.ts";
import type { Project } from "../../../src/project/project.ts";
import { thrownText } from "../../support/thrown.ts";

const project = {
  registry: { address: "yml.test/team" },
  registries: new Map([
    ["ci", { address: "ci.test", role: "ci" }],
    ["prod", { address: "https://prod.test/team", role: "prod" }],
  ]),
} as unknown as Project;

type Flags = Parameters<typeof findPush>[1];

test.each<[Flags, Record<string, string>, string | undefined]>([
  [{}, {}, undefined],
  [{ push: true }, {}, "yml.test/team"],
  [{}, { CI: "true" }, "yml.test/team"],
  [{ push: false }, { CI: "true" }, undefined],
  [{ push: false, registry: "ci" }, { CONTAINER_HIVE_REGISTRY: "c.test" }, undefined],
  [{}, { BUILDKITE_HOSTED_REGISTRY_URL: "https://b.test/x" }, "b.test/x"],
  [{ registry: "http://h.test:80" }, {}, "h.test"],
  [{ registry: "prod.test/other" }, {}, "prod.test/other"],
])("findPush() of %j with %j", (flags, env, place) => {
  expect(findPush({ env }, flags, project)?.place).toBe(place);
});

test("findPush() names a registry of hive.yml by its name again", () => {
  expect(findPush({ env: {} }, { registry: "ci" }, project)).toMatchObject({
    place: "ci.test",
    flag: "ci",
  });
});

test.each(["prod", "prod.test/team", "https://prod.test/team/"])(
  "findPush() refuses to build into production, as %s",
  async (registry) => {
    const told = await thrownText(() => findPush({ env: {} }, { registry }, project), "/nowhere");
    expect(told).toMatch(/^usage: [^]*hive promote .* --to prod/);
  },
);
