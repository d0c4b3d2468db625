import { HiveError } from "../base/hive-error.ts";
import type { Repository } from "./find-repository.ts";
import { type Git, gitReason, runGit } from "./git.ts";

/**
 * Whether files that git has are other ones in the work tree than in HEAD; new files do not count, nor do submodules.
 * Git has to compare files for it, through the filters of `.gitattributes`, which are programs: none is run, so that a file
 * of Git LFS counts as modified where git cannot tell from its time and size that it is not.
 * @throws HiveError "failed" when git cannot tell
 */
export async function isModified({ git }: Repository, signal?: AbortSignal): Promise<boolean> {
  const unfiltered = await filterSettings(git, signal);
  const how = ["--quiet", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all"];
  const environment = { ...git.environment, [nothing]: "" };
  const args = [...unfiltered, "diff", ...how, "HEAD", "--"];
  const result = await runGit({ ...git, environment }, args, { signal });
  if (result.code <= 1) return result.code === 1;
  throw new HiveError(
    "failed",
    `Cannot tell whether the work tree is as HEAD has it: ${gitReason(result)}`,
  );
}

/** A variable that has nothing in it: so a setting may have any name. */
const nothing = "HIVE_NOTHING";

/** Settings that leave no filter a program, whatever the repository's config calls it. */
async function filterSettings(git: Git, signal: AbortSignal | undefined): Promise<string[]> {
  const args = ["config", "--null", "--name-only", "--get-regexp", "^filter[.]"];
  const { stdout } = await runGit(git, args, { signal });
  const names = new Set(
    new TextDecoder()
      .decode(stdout)
      .split("\0")
      .map((key) => /^filter\.(.*)\.[^.]*$/s.exec(key)?.[1])
      .filter((name) => name !== undefined),
  );
  return [...names].flatMap((name) =>
    ["clean", "process", "required"].map((key) => `--config-env=filter.${name}.${key}=${nothing}`),
  );
}
