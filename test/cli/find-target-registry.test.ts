import { expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import type { App } from "../../src/cli/app.ts";
import { findTargetRegistry } from "../../src/cli/find-target-registry.ts";
import type { Project } from "../../src/project/project.ts";

const place = { file: "hive.yml", line: 1, column: 1 };
const named = { place, promoteFrom: [], require: [], mirror: [] };
const ci = { ...named, address: "ci.test:5000" };
const project = {
  registry: { address: "yml.test/team" },
  registries: new Map([["ci", ci]]),
} as unknown as Project;

function find(flag: string | undefined, env: Record<string, string>, from = project): unknown {
  return findTargetRegistry({ env } as unknown as App, flag, from);
}

const cases: readonly (readonly [string | undefined, Record<string, string>, unknown])[] = [
  [undefined, {}, undefined],
  ["r.test", {}, { address: "r.test", prefix: "" }],
  ["r.test:5000/", {}, { address: "r.test:5000", prefix: "" }],
  ["r.test/a/b", {}, { address: "r.test", prefix: "a/b" }],
  ["http://r.test:80/a/", {}, { address: "http://r.test:80", prefix: "a" }],
  ["ci", {}, { address: "ci.test:5000", prefix: "", named: { name: "ci", settings: ci } }],
  ["localhost", {}, { address: "localhost", prefix: "" }],
  [undefined, { CONTAINER_HIVE_REGISTRY: "e.test/x" }, { address: "e.test", prefix: "x" }],
  ["r.test", { CONTAINER_HIVE_REGISTRY: "e.test/x" }, { address: "r.test", prefix: "" }],
  [undefined, { CONTAINER_HIVE_REGISTRY: "" }, undefined],
  [undefined, { CI: "true" }, { address: "yml.test", prefix: "team" }],
  [undefined, { CI: "true", HIVE_CI: "0" }, undefined],
  [undefined, { CI: "true", CONTAINER_HIVE_REGISTRY: "e.test" }, { address: "e.test", prefix: "" }],
];

for (const [flag, env, expected] of cases) {
  test(`findTargetRegistry() of ${flag ?? "nothing"} with ${JSON.stringify(env)}`, () => {
    expect(find(flag, env)).toEqual(expected);
  });
}

test("findTargetRegistry() finds none in CI where hive.yml names none", () => {
  expect(find(undefined, { CI: "1" }, { ...project, registry: {} })).toBeUndefined();
});

test.each(["r.test/Upper", "/x", "u:secret@r.test//x", "prod"])(
  "findTargetRegistry() refuses %s",
  (flag) => {
    let error: unknown;
    try {
      find(flag, {});
    } catch (thrown) {
      error = thrown;
    }
    if (!(error instanceof HiveError)) throw new Error("It was taken");
    expect([error.kind, error.message]).toEqual(["usage", expect.not.stringContaining("secret")]);
  },
);
