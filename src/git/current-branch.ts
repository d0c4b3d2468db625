import type { Repository } from "./find-repository.ts";
import { runGit } from "./git.ts";

/** The branch that is checked out: `feature/login`. Undefined when HEAD is a commit alone, as it often is in CI. */
export async function currentBranch(
  { git }: Repository,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { code, stdout } = await runGit(git, ["symbolic-ref", "--quiet", "HEAD"], { signal });
  const reference = new TextDecoder().decode(stdout).replace(/\n$/, "");
  return code === 0 ? /^refs\/heads\/(.+)$/s.exec(reference)?.[1] : undefined;
}
