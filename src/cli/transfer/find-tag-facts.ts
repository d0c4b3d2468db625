import { ciBranch } from "../../distribute/ci-branch.ts";
import type { TagFacts, TagStrategy } from "../../distribute/tag-strategies.ts";
import { currentBranch } from "../../git/current-branch.ts";
import { findRepository } from "../../git/find-repository.ts";
import { isModified } from "../../git/is-modified.ts";
import type { App } from "../app.ts";

/**
 * What tag strategies make tags of. Git is asked only where one of them wants to know.
 * @param directory whose git repository it is
 */
export async function findTagFacts(
  { env, signal }: App,
  strategies: readonly TagStrategy[],
  directory: string,
  version: string | undefined,
): Promise<TagFacts> {
  const facts = { now: new Date(), ...(version === undefined ? {} : { version }) };
  const wants = (...names: readonly TagStrategy[]): boolean =>
    names.some((name) => strategies.includes(name));
  if (!wants("sha", "git", "branch")) return facts;
  const repository = await findRepository(directory, env, signal);
  if (repository === undefined) return facts;
  const modified = wants("sha", "git") && (await isModified(repository, signal));
  const branch = (await currentBranch(repository, signal)) ?? ciBranch(env);
  return {
    ...facts,
    head: { commit: repository.head, modified },
    ...(branch === undefined ? {} : { branch }),
  };
}
