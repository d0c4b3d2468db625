import { expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { findTargetRegistry } from "../../src/cli/find-target-registry.ts";
import type { Project } from "../../src/project/project.ts";

const place = { file: "hive.yml", line: 1, column: 1 };
const named = { place, promoteFrom: [], require: [], mirror: [] };
const project = {
  registry: { address: "yml.test/team" },
  registries: new Map([["ci", { ...named, address: "ci.test:5000", role: "ci" }]]),
} as unknown as Project;

type Given = { readonly from?: Project; readonly push?: boolean };

function find(flag: string | undefined, env: Record<string, string>, given: Given = {}): unknown {
  const { from = project, push = false } = given;
  return findTargetRegistry({ env }, flag, from, { push });
}

const flagged = { prefix: "", origin: "--registry" };
const container = "CONTAINER_HIVE_REGISTRY";
const buildkite = "BUILDKITE_HOSTED_REGISTRY_URL";
const inYml = { address: "yml.test", prefix: "team", origin: "registry.address in hive.yml" };

const cases: readonly (readonly [string | undefined, Record<string, string>, unknown])[] = [
  [undefined, {}, undefined],
  ["r.test", {}, { ...flagged, address: "r.test" }],
  [
    "r.test",
    { HIVE_REGISTRY: "r.test" },
    { address: "r.test", prefix: "", origin: "HIVE_REGISTRY" },
  ],
  ["r.test:5000/", {}, { ...flagged, address: "r.test:5000" }],
  ["r.test/a/b", {}, { ...flagged, address: "r.test", prefix: "a/b" }],
  ["http://r.test:80/a/", {}, { ...flagged, address: "http://r.test:80", prefix: "a" }],
  [
    "ci",
    {},
    { ...flagged, address: "ci.test:5000", named: expect.objectContaining({ name: "ci" }) },
  ],
  ["localhost", {}, { ...flagged, address: "localhost" }],
  [undefined, { [container]: "e.test/x" }, { address: "e.test", prefix: "x", origin: container }],
  ["r.test", { [container]: "e.test/x" }, { ...flagged, address: "r.test" }],
  [undefined, { [container]: "" }, undefined],
  [
    undefined,
    { [buildkite]: "https://b.test:443/x/y/" },
    { address: "https://b.test:443", prefix: "x/y", origin: buildkite },
  ],
  [undefined, { [buildkite]: "b.test" }, { address: "b.test", prefix: "", origin: buildkite }],
  [
    undefined,
    { [buildkite]: "b.test", [container]: "e.test" },
    { address: "e.test", prefix: "", origin: container },
  ],
  [
    undefined,
    { CI: "true", [buildkite]: "b.test" },
    { address: "b.test", prefix: "", origin: buildkite },
  ],
  [undefined, { CI: "true" }, inYml],
  [undefined, { CI: "true", HIVE_CI: "0" }, undefined],
  [
    undefined,
    { CI: "true", [container]: "e.test" },
    { address: "e.test", prefix: "", origin: container },
  ],
];

for (const [flag, env, expected] of cases) {
  test(`findTargetRegistry() of ${flag ?? "nothing"} with ${JSON.stringify(env)}`, () => {
    expect(find(flag, env)).toEqual(expected);
  });
}

test("findTargetRegistry() takes an address for one, whatever hive.yml calls so", () => {
  const evil = { ...named, address: "evil.test" };
  const hosts = ["r.test", "r.test:5000", "localhost", "https://r.test"];
  const from = { ...project, registries: new Map(hosts.map((host) => [host, evil])) } as unknown;
  for (const host of hosts) {
    const expected = { ...flagged, address: host };
    expect(find(host, {}, { from: from as Project })).toEqual(expected);
  }
});

test("findTargetRegistry() finds none in CI where hive.yml names none", () => {
  const from = { ...project, registry: {}, registries: new Map() } as Project;
  expect(find(undefined, { CI: "1" }, { from })).toBeUndefined();
});

test("findTargetRegistry() looks into hive.yml where writing was asked for", () => {
  expect(find(undefined, {}, { push: true })).toEqual(inYml);
});

test("findTargetRegistry() takes the one of role ci in CI, or where writing was asked for, if there is only one", () => {
  const from = { ...project, registry: {} };
  const onlyCi = {
    address: "ci.test:5000",
    prefix: "",
    origin: "registries.ci in hive.yml",
    named: expect.objectContaining({ name: "ci" }),
  };
  expect(find(undefined, {}, { from, push: true })).toEqual(onlyCi);
  expect(find(undefined, { CI: "1" }, { from })).toEqual(onlyCi);
  expect(find(undefined, {}, { from })).toBeUndefined();
  const dotted = new Map([["ci.eu", { ...named, address: "eu.test", role: "ci" }]]);
  const ofDotted = { ...from, registries: dotted } as unknown as Project;
  expect(find(undefined, {}, { from: ofDotted, push: true })).toMatchObject({ address: "eu.test" });
  const two = [...from.registries, ["other", from.registries.get("ci")]] as const;
  const ambiguous = { ...from, registries: new Map(two) } as Project;
  expect(find(undefined, {}, { from: ambiguous, push: true })).toBeUndefined();
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
