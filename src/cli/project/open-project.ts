import type { Diagnostic } from "../../base/diagnostic.ts";
import { findProject } from "../../project/find-project.ts";
import { loadProject, type LoadOptions } from "../../project/load-project.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";
import { renderFrames } from "../diagnostics/render-frames.ts";

/** The global flags that say which project, and how strictly it is read. */
export type ProjectFlags = {
  readonly project?: string | undefined;
  readonly lenient?: boolean | undefined;
  readonly "impure-templates"?: boolean | undefined;
};

/**
 * Finds and loads the project that a command works on; what is odd about it goes to stderr.
 * @throws HiveError "usage"
 */
export async function openProject(app: App, flags: ProjectFlags): Promise<Project> {
  const root = await findProject(app.cwd, flags.project);
  const { project, warnings } = await loadProject(root, loadOptions(app, flags));
  printWarnings(app, warnings);
  return project;
}

/** How the flags want a project to be read. */
export function loadOptions({ env }: App, flags: ProjectFlags): LoadOptions {
  return {
    environment: env,
    lenient: flags.lenient === true,
    impureTemplates: flags["impure-templates"] === true,
  };
}

/** What is odd but stops nothing, on stderr. */
export function printWarnings(app: App, warnings: readonly Diagnostic[]): void {
  app.stderr.write(renderFrames(warnings, app.stderr.look.paint));
}
