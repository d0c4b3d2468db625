import type { ArgsDef } from "citty";
import { parsePlatform, type Platform } from "../../oci/platform.ts";
import { type BuildPlatforms, createPlan, type PlanOptions } from "../../plan/create-plan.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";
import { listOf } from "../arguments.ts";
import { openProject, printWarnings, type ProjectFlags } from "./open-project.ts";
import { projectHistory } from "./project-history.ts";
import { readPlatform } from "../read-platform.ts";

/** What to work on: flags of all commands that plan. */
export const selectionFlags = {
  patterns: {
    type: "positional",
    required: false,
    valueHint: "pattern...",
    description:
      "name, name:tag or a glob, with + behind it for everything that builds on it (default: everything)",
  },
  platform: {
    type: "string",
    valueHint: "platform,...",
    description: "Only these platforms, as linux/arm64",
  },
} as const satisfies ArgsDef;

export type Selection = {
  readonly _: readonly string[];
  readonly platform?: string | undefined;
};

/** Plans without asking a daemon: where the project names no platform, it is this machine's. */
export async function planProject(app: App, args: Selection & ProjectFlags): Promise<Plan> {
  return await planSelection(app, await openProject(app, args), args, hostPlatform());
}

/**
 * @param native the platform of targets for which the project names none, and of BUILDPLATFORM
 * @param buildPlatforms what BUILDPLATFORM is, where daemons of several platforms build
 * @throws HiveError "usage"
 */
export async function planSelection(
  app: App,
  project: Project,
  args: Selection,
  native: Platform,
  buildPlatforms?: BuildPlatforms,
): Promise<Plan> {
  const options = await planOptions(app, project, args, native);
  const plan = createPlan(project, {
    ...options,
    ...(buildPlatforms === undefined ? {} : { buildPlatforms }),
  });
  printWarnings(app, plan.warnings);
  return plan;
}

/**
 * Looks whether there is anything to build before a daemon is started, or even downloaded, for it. Warns of nothing yet.
 * @throws HiveError "usage"
 */
export async function checkSelection(app: App, project: Project, args: Selection): Promise<void> {
  createPlan(project, await planOptions(app, project, args, hostPlatform()));
}

/** What a plan is made of besides the project. @throws HiveError "usage" for a platform or a time that is none */
export async function planOptions(
  app: App,
  project: Project,
  args: Selection,
  native: Platform,
): Promise<PlanOptions> {
  return {
    nativePlatform: native,
    select: args._,
    platforms: listOf(args.platform).map((text) => readPlatform(text)),
    history: await projectHistory(app, project),
  };
}

/** This machine's own. */
export function hostPlatform(): Platform {
  return parsePlatform(process.arch === "x64" ? "amd64" : process.arch);
}
