import { lockable } from "../../lock/update-pins.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";
import { hostPlatform, planSelection } from "./plan-project.ts";

/** The references that the selected targets, and what they build on, take from elsewhere by tag; sorted. */
export async function plannedExternals(
  app: App,
  project: Project,
  patterns: readonly string[],
): Promise<string[]> {
  return lockable(await planSelection(app, project, { _: patterns }, hostPlatform()));
}
