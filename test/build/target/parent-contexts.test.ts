import { expect, test } from "bun:test";
import { registryHandover } from "../../../src/build/handover/handover.ts";
import { parentContexts } from "../../../src/build/target/parent-contexts.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { parsePlatform } from "../../../src/oci/platform.ts";
import type { Target, TargetId } from "../../../src/plan/plan.ts";
import { sampleDependency, sampleTarget } from "../sample-target.ts";

const digest = digestOf("base");
const base = sampleTarget("base");
const armBase = sampleTarget("base", {
  id: "base:1 linux/arm64" as TargetId,
  platform: parsePlatform("arm64"),
});
const handover = registryHandover("127.0.0.1:5000");

function contextsOf(dependencies: Target["dependencies"]): Record<string, string> {
  const finished = new Map([base, armBase].map((target) => [target.id, { target, digest }]));
  return parentContexts(sampleTarget("app", { dependencies }), finished, handover);
}

const value = `docker-image://127.0.0.1:5000/base:1@${digest}`;

test.each([
  { what: "a tag", dependency: sampleDependency(base, "base:1"), key: "hive-dep/base:1" },
  {
    what: "latest, which BuildKit leaves out",
    dependency: sampleDependency(base, "base:latest"),
    key: "hive-dep/base",
  },
  { what: "no tag", dependency: sampleDependency(base, "base"), key: "hive-dep/base" },
  {
    what: "a digest",
    dependency: sampleDependency(base, `base:1@${digest}`),
    key: `hive-dep/base:1@${digest}`,
  },
  {
    what: "another platform",
    dependency: sampleDependency(armBase, "base:1"),
    key: "hive-dep/base:1::linux/arm64",
  },
])("parentContexts() pins a reference with $what", ({ dependency, key }) => {
  expect(contextsOf([dependency])).toEqual({ [key]: value });
});

test("parentContexts() has one entry for each platform of one reference, and none for depends_on", () => {
  const dependencies = [
    sampleDependency(base, "base:1"),
    sampleDependency(armBase, "base:1"),
    sampleDependency(base),
  ];
  expect(Object.keys(contextsOf(dependencies))).toEqual([
    "hive-dep/base:1",
    "hive-dep/base:1::linux/arm64",
  ]);
});

test("parentContexts() makes a context that is an image of the project that image, for each platform", () => {
  const { settings } = sampleTarget("app");
  const contexts = { alpine: "__hive__/base:1", other: "__hive__/base:2" };
  const target = sampleTarget("app", {
    dependencies: [sampleDependency(base, "base:1"), sampleDependency(armBase, "base:1")],
    settings: { ...settings, contexts },
  });
  const finished = new Map([base, armBase].map((found) => [found.id, { target: found, digest }]));
  expect(parentContexts(target, finished, handover)).toEqual({
    "hive-dep/base:1": value,
    alpine: value,
    "hive-dep/base:1::linux/arm64": value,
    "alpine::linux/arm64": value,
  });
});
