import type { Environment } from "../base/environment.ts";

/** Where CI systems tell the branch that is built, of a pull request the one that it comes from. */
const variables = [
  "GITHUB_HEAD_REF",
  "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
  "CI_COMMIT_BRANCH",
  "CIRCLE_BRANCH",
  "BUILDKITE_BRANCH",
  "SYSTEM_PULLREQUEST_SOURCEBRANCH",
  "CHANGE_BRANCH",
  "BRANCH_NAME",
  "TRAVIS_PULL_REQUEST_BRANCH",
  "TRAVIS_BRANCH",
  "BITBUCKET_BRANCH",
  "DRONE_SOURCE_BRANCH",
  "DRONE_BRANCH",
  "CODEBUILD_WEBHOOK_HEAD_REF",
  "APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH",
  "APPVEYOR_REPO_BRANCH",
  "GITHUB_REF",
  "BUILD_SOURCEBRANCH",
] as const;

/** The branch that a CI system builds, as its variables tell; undefined when none does, as for a git tag. */
export function ciBranch(env: Environment): string | undefined {
  for (const name of variables) {
    const value = env[name] ?? "";
    const branch = value.replace(/^refs\/heads\//, "");
    if (branch !== "" && !branch.startsWith("refs/")) return branch;
  }
  return undefined;
}
