import { expect, test } from "bun:test";
import { findCandidates } from "../../../src/cli/distribute/find-candidates.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { HiveError } from "../../../src/base/hive-error.ts";

const plan = {
  targets: ["app:1.2.3", "app:1.2.3", "app:1.1.0", "team/web:1.0"].map((reference) => ({
    reference,
  })),
  aliases: [
    { alias: "app:1.2", reference: "app:1.2.3" },
    { alias: "app:latest", reference: "app:1.2.3" },
    { alias: "app:1.1", reference: "app:1.1.0" },
  ],
} as unknown as Plan;

const usual = { plan, from: "", to: "live", aliases: true, buildId: undefined };

function places(patterns: readonly string[], more: Partial<typeof usual> = {}): string[] {
  return findCandidates(patterns, { ...usual, ...more }).map(
    ({ from, to }) =>
      `${from.repository}:${from.tag} > ${to.repository}:${[to.tag, ...to.aliases.map(({ tag }) => tag)].join(" ")}`,
  );
}

test("a name with a tag is that image, also one that the project has no more", () => {
  expect(places(["app:1.2.3"])).toEqual(["app:1.2.3 > live/app:1.2.3 1.2 latest"]);
  expect(places(["app:0.9"])).toEqual(["app:0.9 > live/app:0.9"]);
});

test("names and globs are images of the project, each once", () => {
  expect(places(["app", "app:1.1.*", "app:1.1.0"], { aliases: false })).toEqual([
    "app:1.2.3 > live/app:1.2.3",
    "app:1.1.0 > live/app:1.1.0",
  ]);
  expect(places(["**:1.0"], { from: "ci" })).toEqual(["ci/team/web:1.0 > live/team/web:1.0"]);
});

test("tags of a build lose its id", () => {
  const [candidate] = findCandidates(["app:1.1.0"], { ...usual, buildId: "mr-42" });
  expect(candidate).toEqual({
    from: { repository: "app", tag: "1.1.0-build.mr-42" },
    to: {
      repository: "live/app",
      tag: "1.1.0",
      aliases: [{ tag: "1.1", from: "1.1-build.mr-42" }],
    },
  });
});

test.each([
  ["x.test/app:1.0", "Cannot promote"],
  [`app@sha256:${"0".repeat(64)}`, "Cannot promote"],
  ["ap", "No image of the project"],
  ["app:3.*", "No image of the project"],
])("%s is none", (pattern, message) => {
  const find = () => places([pattern]);
  expect(find).toThrow(HiveError);
  expect(find).toThrow(message);
});
