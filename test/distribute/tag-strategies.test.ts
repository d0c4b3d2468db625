import { describe, expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { ciBranch } from "../../src/distribute/ci-branch.ts";
import {
  machineName,
  readTagStrategies,
  type TagFacts,
  tagsOf,
} from "../../src/distribute/tag-strategies.ts";
import { parsePlatform } from "../../src/oci/platform.ts";

const now = new Date("2026-01-12T14:30:22.999Z");
const head = { commit: "8a3f2b1c0d".padEnd(40, "0"), modified: false };
const facts: TagFacts = { now, head, branch: "main" };

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

function tags(strategies: string, tag = "1.0", more: Partial<TagFacts> = {}): readonly string[] {
  const image = { reference: `app:${tag}`, tag };
  return tagsOf(image, readTagStrategies(strategies, "--strategy"), { ...facts, ...more });
}

describe("tagsOf()", () => {
  test.each([
    ["timestamp", ["20260112-143022"]],
    ["sha", ["8a3f2b1"]],
    ["git", ["8a3f2b1"]],
    ["sha git", ["8a3f2b1"]],
    ["latest", ["latest"]],
    ["branch", ["main"]],
    ["arch", []],
    ["sha branch latest", ["8a3f2b1", "main", "latest"]],
    ["timestamp,latest", ["20260112-143022", "latest"]],
  ])("%s makes %j", (strategies, expected) => {
    expect(tags(strategies)).toEqual(expected);
  });

  test("a work tree that is not as its commit is told apart", () => {
    expect(tags("sha", "1", { head: { ...head, modified: true } })).toEqual(["8a3f2b1-dirty"]);
  });

  test.each([
    ["feature/login", "feature-login"],
    ["Feature/Log In!", "Feature-Log-In"],
    ["-.x", "x"],
    ["dependabot/npm_and_yarn/a-1.2.3", "dependabot-npm_and_yarn-a-1.2.3"],
    ["ünïcode", "n-code"],
    ["x".repeat(200), "x".repeat(128)],
  ])("the branch %s is %s", (branch, expected) => {
    expect(tags("branch", "1", { branch })).toEqual([expected]);
  });

  test.each([
    ["1.2.3", undefined, ["1.2.3", "1.2", "1"]],
    ["v1.2.3", undefined, ["1.2.3", "1.2", "1"]],
    ["1.2.3-alpine", undefined, ["1.2.3-alpine", "1.2-alpine", "1-alpine"]],
    ["1.2.3-rc.1", undefined, ["1.2.3-rc.1"]],
    ["22", undefined, ["22"]],
    ["latest", "3.4.5", ["3.4.5", "3.4", "3"]],
    ["1.2.3", "v3.4", ["3.4", "3"]],
    ["latest", "1.2.3+build.5", ["1.2.3", "1.2", "1"]],
    ["latest", "2.0.0-beta.2", ["2.0.0-beta.2"]],
  ])("semver of %s with --version %s is %j", (tag, version, expected) => {
    const more = version === undefined ? {} : { version };
    expect(tags("semver", tag, more)).toEqual(expected);
    expect(tags("version", tag, more)).toEqual(expected.slice(0, 1));
  });

  test.each([
    ["sha", { head: undefined, branch: undefined }, "this is no git repository"],
    ["branch", { head: undefined, branch: undefined }, "this is no git repository"],
    ["branch", { branch: undefined }, "a commit is checked out"],
    ["branch", { branch: "///" }, "can be in a tag"],
    ["semver", {}, "app:latest has no version in its tag"],
    ["version", { version: "one" }, "--version=one is no version"],
    ["version", { version: "release-1" }, "is no version"],
  ])("%s says what is missing with %j", (strategies, more, message) => {
    const given = Object.fromEntries(
      Object.entries({ ...facts, ...more }).filter(([, value]) => value !== undefined),
    ) as TagFacts;
    const image = { reference: "app:latest", tag: "latest" };
    const error = thrown(() => tagsOf(image, readTagStrategies(strategies, "x"), given));
    expect(error).toBeInstanceOf(HiveError);
    expect(error).toMatchObject({ kind: "usage", message: expect.stringContaining(message) });
  });

  test("a strategy that there is not is an error with the nearest one, and none with all", () => {
    expect(thrown(() => tags("lattest"))).toMatchObject({
      message: 'Cannot use --strategy: there is no tag strategy "lattest"',
      hint: expect.stringContaining("latest"),
    });
    expect(thrown(() => tags(" "))).toMatchObject({ hint: expect.stringContaining("timestamp") });
  });

  test.each([
    ["amd64", "x86_64"],
    ["arm64", "aarch64"],
    ["linux/arm/v7", "armv7l"],
    ["linux/arm/v6", "armv6l"],
    ["linux/386", "i686"],
    ["linux/riscv64", "riscv64"],
    ["windows/amd64", "windows-x86_64"],
  ])("%s is the machine %s", (platform, machine) => {
    expect(machineName(parsePlatform(platform))).toBe(machine);
  });
});

describe("ciBranch()", () => {
  test.each([
    [{ GITHUB_REF: "refs/heads/feature/x" }, "feature/x"],
    [{ GITHUB_REF: "refs/pull/5/merge", GITHUB_HEAD_REF: "topic" }, "topic"],
    [{ GITHUB_REF: "refs/tags/v1" }, undefined],
    [{ CI_COMMIT_BRANCH: "main" }, "main"],
    [{ CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: "mr", CI_COMMIT_BRANCH: "" }, "mr"],
    [{ BUILD_SOURCEBRANCH: "refs/heads/release/1" }, "release/1"],
    [{ CODEBUILD_WEBHOOK_HEAD_REF: "refs/heads/a" }, "a"],
    [{}, undefined],
  ])("%j builds %s", (env, branch) => {
    expect(ciBranch(env)).toBe(branch);
  });
});
