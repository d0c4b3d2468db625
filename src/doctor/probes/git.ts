import { openGit } from "../../git/git.ts";
import { findRepository } from "../../git/find-repository.ts";
import type { Probe } from "../probe.ts";

/** Whether git can tell when images were changed last, which is the time that they get. */
export const gitProbe: Probe = {
  name: "git",
  limit: 20_000,
  needs: "project",
  async run({ project }, { env }, signal) {
    if (openGit(project.root, env) === undefined) {
      const detail = "git is not on PATH: images get no commit, and the time 0";
      return [{ status: "warn", detail, fix: "Install git, or set SOURCE_DATE_EPOCH." }];
    }
    const repository = await findRepository(project.root, env, signal);
    if (repository === undefined) {
      const detail = "the project is in no repository with a commit: images get the time 0";
      return [{ status: "warn", detail, fix: "Commit it, or set SOURCE_DATE_EPOCH." }];
    }
    const { head, shallow } = repository;
    if (!shallow) return [{ status: "ok", detail: `at ${head.slice(0, 12)}, with its history` }];
    return [
      {
        status: "warn",
        detail: `a shallow clone at ${head.slice(0, 12)}: when images were changed last can't be told`,
        fix: "Fetch the whole history (git fetch --unshallow; fetch-depth: 0 in CI), or set SOURCE_DATE_EPOCH.",
      },
    ];
  },
};
