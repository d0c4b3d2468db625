import { HiveError } from "../base/hive-error.ts";
import type { Repository } from "./find-repository.ts";
import { gitReason, runGit } from "./git.ts";

/**
 * The commit that `reference` means: a branch, a tag, a commit, whatever git takes.
 * @throws HiveError usage when it means none
 */
export async function findCommit(
  { git }: Repository,
  reference: string,
  signal?: AbortSignal,
): Promise<string> {
  // What begins with a dash would be an option to somebody.
  const isName = reference !== "" && !reference.startsWith("-");
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${reference}^{commit}`];
  const result = isName ? await runGit(git, args, { signal }) : undefined;
  const commit = new TextDecoder().decode(result?.stdout).trim();
  if (result?.code === 0 && /^[0-9a-f]+$/.test(commit)) return commit;
  throw new HiveError("usage", `The repository has no commit "${reference}"`, {
    hint: "A branch of the remote is origin/NAME. In CI, fetch it: clones there often have one branch only.",
  });
}

/**
 * Where the history of HEAD left that of `commit`.
 * @throws HiveError failed when they have nothing in common, as far as the clone goes
 */
export async function mergeBase(
  { git, head, shallow }: Repository,
  commit: string,
  signal?: AbortSignal,
): Promise<string> {
  const result = await runGit(git, ["merge-base", commit, head], { signal });
  const base = new TextDecoder().decode(result.stdout).trim();
  if (result.code === 0 && /^[0-9a-f]+$/.test(base)) return base;
  const reason = result.code === 1 ? "they have no commit in common" : gitReason(result);
  throw new HiveError("failed", `Cannot compare ${commit.slice(0, 12)} with HEAD: ${reason}`, {
    hint: shallow ? "This clone is shallow: fetch the whole history (fetch-depth: 0)." : undefined,
  });
}
