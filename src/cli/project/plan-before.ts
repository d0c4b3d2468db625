import { realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { exportTree } from "../../git/export-tree.ts";
import { findCommit, mergeBase } from "../../git/find-commit.ts";
import { findRepository, type Repository } from "../../git/find-repository.ts";
import { createPlan, type PlanOptions } from "../../plan/create-plan.ts";
import type { Plan } from "../../plan/plan.ts";
import { loadProject } from "../../project/load-project.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";

/** A project as it was when HEAD's history left that of another commit. */
export type PlanBefore = {
  /** Hexadecimal. */
  readonly commit: string;
  /** Absent when the project was not there, or had errors. */
  readonly plan?: Plan;
  /** Why there is no plan. */
  readonly reason?: string;
};

/** Files that hive reads itself are no larger; larger ones matter only where they are in a context. */
const largestOutside = 1024 * 1024;

/**
 * Writes the files that the project had then to `directory`, which is empty, and plans them.
 * @param since what git takes for a commit
 * @throws HiveError usage for a commit that is not there, failed when the repository can't be read
 */
export async function planBefore(
  app: App,
  project: Project,
  {
    since,
    directory,
    options,
  }: { readonly since: string; readonly directory: string; readonly options: PlanOptions },
): Promise<PlanBefore> {
  const { env, signal } = app;
  const repository = await findRepository(project.root, env, signal);
  if (repository === undefined) {
    throw new HiveError("usage", `"${project.root}" is in no git repository with a commit`, {
      hint: "git must be on PATH, too.",
    });
  }
  const commit = await mergeBase(repository, await findCommit(repository, since, signal), signal);
  const images = `${repository.prefix}images/`;
  const elsewhere = await directoriesElsewhere(project, repository);
  await exportTree(repository, commit, {
    paths: repository.prefix === "" ? [] : [repository.prefix.slice(0, -1), ...elsewhere],
    directory,
    wants: (path, size) =>
      size <= largestOutside ||
      path.startsWith(images) ||
      elsewhere.some((other) => path.startsWith(`${other}/`)),
    signal,
  });
  try {
    const root = join(directory, repository.prefix);
    const { project: old } = await loadProject(root, {
      environment: env,
      lenient: true,
      impureTemplates: project.impureTemplates,
    });
    return { commit, plan: createPlan(old, options) };
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
    const [first] = error.diagnostics;
    const where = first === undefined ? "" : ` (${first.place.file}: ${first.message})`;
    return { commit, reason: `${error.message}${where}`.replaceAll(directory, commit) };
  }
}

/** Where images really lie, when `images` or what is in it is a link. */
async function directoriesElsewhere(
  { root, images }: Project,
  { topLevel }: Repository,
): Promise<string[]> {
  const within = `${await realpath(root)}/images/`;
  const real = await Promise.all(images.map(async ({ files }) => realpath(files.directory)));
  return real
    .filter((path) => !path.startsWith(within))
    .map((path) => relative(topLevel, path))
    .filter((path) => path !== "" && path !== ".." && !path.startsWith("../"));
}
