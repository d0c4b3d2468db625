import { formatPlatform, platformSlug, type Platform } from "../oci/platform.ts";
import type { Project } from "../project/project.ts";
import type { TemplateData, TemplateRoot } from "../template/template-data.ts";
import type { BuildJob, Pipeline, Provider } from "./pipeline.ts";
import type { TemplateOptions } from "./template-options.ts";

export type RootSettings = {
  readonly provider: Provider | undefined;
  /** hive's own. */
  readonly version: string;
  /** The release of BuildKit that jobs are to run. */
  readonly buildkit: string;
  /** The project's directory in its repository: "" or `sub/dir`. */
  readonly directory: string;
  readonly buildId: string | undefined;
  readonly options: TemplateOptions;
};

/** What the templates of pipelines are given; docs/pipelines.md describes it. */
export function templateRoot(
  project: Project,
  pipeline: Pipeline,
  settings: RootSettings,
): TemplateRoot {
  const { provider, version, buildkit, directory, buildId, options } = settings;
  const registry = registryOf(project, options.read("registry"));
  const push = registry !== "none";
  const jobs = push ? pipeline.jobs : pipeline.localJobs;
  return {
    Provider: provider ?? "",
    Hive: { Version: version },
    Buildkit: { Version: buildkit },
    Project: {
      Directory: directory,
      File: project.file,
      Cache: project.cache?.type ?? "",
      Registry: project.registry.address ?? "",
    },
    Registry: push ? registry : "",
    Push: push,
    BuildId: buildId ?? "",
    Complete: pipeline.complete,
    Platforms: pipeline.platforms.map((platform) => platformData(platform)),
    Images: pipeline.images.map(({ name, description, tags }) => ({
      Name: name,
      Description: description,
      Tags: tags.map(({ reference, tag, platforms, needs }) => ({
        Reference: reference,
        Tag: tag,
        Platforms: platforms.map((platform) => formatPlatform(platform)),
        Needs: needs,
      })),
    })),
    Levels: pipeline.levels,
    Jobs: jobs.map((job) => jobData(job)),
    LocalJobs: pipeline.localJobs.map((job) => jobData(job)),
    References: [...new Set(jobs.flatMap(({ references }) => references))],
    JobLevels: BigInt(Math.max(0, ...jobs.map(({ level }) => level))),
  };
}

/** The address that is written, or that of the registry of hive.yml with this name; "" leaves it to the system. */
function registryOf({ registry, registries }: Project, written: string | undefined): string {
  const roles = [...registries.values()].filter(({ role }) => role === "ci");
  const only = roles.length === 1 ? roles[0]?.address : undefined;
  const named = written === undefined ? undefined : registries.get(written)?.address;
  const address = named ?? written ?? registry.address ?? only ?? "";
  // Names of images have none.
  return address.replace(/^https:\/\//, "").replace(/\/$/, "");
}

function jobData(job: BuildJob): TemplateData {
  const { id, title, platforms, runner, level, references, patterns, needs, secrets, image } = job;
  return {
    Id: id,
    Title: title,
    Platform: platforms.map((platform) => formatPlatform(platform)).join(","),
    Runner: platformData(runner),
    Level: BigInt(level),
    References: references,
    Patterns: patterns,
    Needs: needs,
    Secrets: secrets,
    Image: image === undefined ? null : { Name: image.name, Tag: image.tag },
  };
}

/** `Option` is how it is written in names of options: `linux_arm64`. */
function platformData(platform: Platform): TemplateData {
  return {
    Name: formatPlatform(platform),
    Architecture: platform.architecture,
    Slug: platformSlug(platform),
    Option: platformSlug(platform).replaceAll("-", "_"),
  };
}
