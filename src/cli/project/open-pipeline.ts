import { mkdtempDisposable, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArgsDef } from "citty";
import { defaultVersion } from "../../daemon/release/release.ts";
import { findRepository } from "../../git/find-repository.ts";
import { affectedTargets } from "../../inputs/affected-targets.ts";
import { createPlan, type PlanOptions } from "../../plan/create-plan.ts";
import type { Plan } from "../../plan/plan.ts";
import { createPipeline } from "../../pipeline/create-pipeline.ts";
import {
  createRenderer,
  type PipelineRenderer,
  type PipelineTemplates,
} from "../../pipeline/create-renderer.ts";
import type { Pipeline, Provider } from "../../pipeline/pipeline.ts";
import { runnerPlatform } from "../../pipeline/runner-platform.ts";
import { createOptions, type TemplateOptions } from "../../pipeline/template-options.ts";
import { templateRoot } from "../../pipeline/template-root.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";
import { numberOf } from "../arguments.ts";
import { readBuildId } from "../read-build-id.ts";
import { version } from "../version.ts";
import { openProject, printWarnings, type ProjectFlags } from "./open-project.ts";
import { planBefore } from "./plan-before.ts";

/** Flags of all commands that make pipelines. */
export const pipelineFlags = {
  since: {
    type: "string",
    valueHint: "commit",
    description: "Only what changed since the branch left this commit, as origin/main",
  },
} as const satisfies ArgsDef;

export type OpenedPipeline = {
  readonly project: Project;
  readonly pipeline: Pipeline;
  readonly options: TemplateOptions;
  /** Renders templates with what the pipeline is. */
  readonly rendererOf: (sources: PipelineTemplates["sources"]) => PipelineRenderer;
  /** Absolute path of the top of the repository; without one, the project's directory. */
  readonly top: string;
};

type Flags = ProjectFlags & {
  readonly since?: string | undefined;
  readonly "build-id"?: string | undefined;
};

/** What machines of CI would build, whatever machine this is. */
const amd64 = runnerPlatform({ os: "linux", architecture: "amd64" });
const buildPlatforms = {
  of: runnerPlatform,
  all: [amd64, runnerPlatform({ os: "linux", architecture: "arm64" })],
} as const;

/** Plans the whole project for machines of CI, and makes the pipeline. @throws HiveError "usage" */
export async function openPipeline(
  app: App,
  flags: Flags,
  provider: Provider | undefined,
): Promise<OpenedPipeline> {
  const project = await openProject(app, flags);
  const planning: PlanOptions = { nativePlatform: amd64, buildPlatforms };
  const plan = createPlan(project, planning);
  printWarnings(app, plan.warnings);
  const buildId = readBuildId(flags["build-id"], plan);
  const options = createOptions(project, provider);
  const shards = options.read("shards");
  const pipeline = createPipeline(plan, {
    descriptions: new Map(project.images.map(({ name, description }) => [name, description])),
    shards: shards === undefined ? undefined : numberOf("shards", shards, 1),
    jobImage: options.read("job_image"),
    buildId,
    only:
      flags.since === undefined
        ? undefined
        : await affectedReferences(app, project, plan, { since: flags.since, planning }),
  });
  const repository = await findRepository(project.root, app.env, app.signal);
  const directory = repository?.prefix.replace(/\/$/, "") ?? "";
  const [hiveVersion = version] = version.split(" ");
  const root = templateRoot(project, pipeline, {
    provider,
    version: hiveVersion,
    buildkit: project.buildkit.version ?? defaultVersion,
    directory,
    buildId,
    options,
  });
  const rendererOf: OpenedPipeline["rendererOf"] = (sources) =>
    createRenderer({
      sources,
      root,
      options,
      now: new Date(0),
      allowImpure: project.impureTemplates,
      warn: (finding) => printWarnings(app, [finding]),
    });
  return { project, pipeline, options, rendererOf, top: repository?.topLevel ?? project.root };
}

async function affectedReferences(
  app: App,
  project: Project,
  plan: Plan,
  { since, planning }: { readonly since: string; readonly planning: PlanOptions },
): Promise<Set<string>> {
  const parent = await realpath(tmpdir());
  await using old = await mkdtempDisposable(join(parent, "hive-template-"));
  const { path: directory } = old;
  const before = await planBefore(app, project, { since, directory, options: planning });
  if (before.reason !== undefined) {
    app.log.warn(`Everything is new: the project as it was can't be planned. ${before.reason}`);
  }
  const affected = await affectedTargets(before.plan, plan, { native: amd64 });
  return new Set(affected.map(({ target }) => target.reference));
}
