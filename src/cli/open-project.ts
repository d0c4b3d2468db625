import type { Diagnostic } from "../base/diagnostic.ts";
import { renderDiagnostic } from "../base/render-diagnostic.ts";
import { findProject } from "../project/find-project.ts";
import { loadProject } from "../project/load-project.ts";
import type { Project } from "../project/project.ts";
import type { App } from "./app.ts";

/**
 * Finds and loads the project that a command works on; what is odd about it goes to stderr.
 * @throws HiveError "usage"
 */
export async function openProject(app: App, directory: string | undefined): Promise<Project> {
  const root = await findProject(app.cwd, directory);
  const { project, warnings } = await loadProject(root, { environment: app.env });
  printWarnings(app, warnings);
  return project;
}

export function printWarnings(app: App, warnings: readonly Diagnostic[]): void {
  for (const warning of warnings)
    app.stderr.write(`${renderDiagnostic(warning, app.stderr.look.paint)}\n\n`);
}
