import { findProject } from "../../project/find-project.ts";
import { loadProject } from "../../project/load-project.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";
import { loadOptions, type ProjectFlags } from "./open-project.ts";

/**
 * The project that a command stands in, for commands that work without one as well.
 * @throws HiveError "usage" for one that was named and is not there, and for one with errors
 */
export async function projectHere(app: App, flags: ProjectFlags): Promise<Project | undefined> {
  const root = await findProject(app.cwd, flags.project).catch((error: unknown) => {
    if (flags.project !== undefined) throw error;
    return undefined;
  });
  return root === undefined
    ? undefined
    : (await loadProject(root, loadOptions(app, flags))).project;
}
