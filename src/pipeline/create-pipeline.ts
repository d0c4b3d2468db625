import { didYouMean } from "../base/closest.ts";
import { HiveError } from "../base/hive-error.ts";
import { formatPlatform, type Platform, platformSlug, samePlatform } from "../oci/platform.ts";
import type { Plan, Target, TargetId } from "../plan/plan.ts";
import { platformTag } from "../plan/platform-tag.ts";
import { groupTargets, referenceLevels, type TargetGroup } from "./group-targets.ts";
import type { BuildJob, Pipeline, PipelineImage } from "./pipeline.ts";
import { runnerPlatform } from "./runner-platform.ts";

export type PipelineSettings = {
  /** What each image is, by its name. */
  readonly descriptions?: ReadonlyMap<string, string>;
  /** Into how many jobs a level is split at most, for each platform; undefined: a job for each image. */
  readonly shards?: number | undefined;
  /** A reference of the project: jobs that it does not need run in it. */
  readonly jobImage?: string | undefined;
  /** Goes into the tag of `jobImage`, where it is known. */
  readonly buildId?: string | undefined;
  /** References to which the pipeline is limited; what `jobImage` needs is always in it. */
  readonly only?: ReadonlySet<string> | undefined;
};

/**
 * Makes jobs of a plan of everything.
 * @throws HiveError "usage" when the plan has no such job image, or not for the machines that need it
 */
export function createPipeline(plan: Plan, settings: PipelineSettings = {}): Pipeline {
  const { shards, jobImage, only, descriptions = new Map<string, string>() } = settings;
  const groups = groupTargets(plan, shards);
  const groupOf = new Map(
    groups.flatMap((group) => group.targets.map(({ id }) => [id, group] as const)),
  );
  const needed = withNeeded(plan, ({ reference }) => reference === jobImage);
  if (jobImage !== undefined && needed.size === 0) throw noJobImage(plan, jobImage);
  const makers = makersOf(groups, needed, groupOf);
  // With all their platforms, or nobody could put the references together.
  const always = new Set([...needed].map(({ reference }) => reference));
  const wanted = ({ reference }: Target): boolean =>
    only === undefined || only.has(reference) || always.has(reference);
  const jobs: BuildJob[] = [];
  // They need no other group, so they may come first; all others may need them.
  for (const group of [...makers, ...groups.filter((one) => !makers.has(one))]) {
    const targets = group.targets.filter(wanted);
    if (targets.length === 0) continue;
    const image =
      jobImage === undefined || makers.has(group)
        ? undefined
        : imageFor(plan, { jobImage, targets, groupOf, buildId: settings.buildId });
    const needs = new Set([
      ...targets.flatMap(({ dependencies }) =>
        dependencies.map(({ target }) => groupOf.get(target)?.id ?? group.id),
      ),
      ...(image === undefined ? [] : [image.job]),
    ]);
    const before = jobs.filter(({ id }) => needs.has(id));
    jobs.push({
      ...jobOf(group, targets, plan),
      level: 1 + Math.max(0, ...before.map(({ level }) => level)),
      needs: before.map(({ id }) => id),
      ...(image === undefined ? {} : { image: { name: image.name, tag: image.tag } }),
    });
  }
  return {
    images: imagesOf(plan, descriptions),
    platforms: uniquePlatforms(plan.targets),
    levels: referenceLevels(plan),
    jobs,
    localJobs: localJobs(plan, (target) => only === undefined || only.has(target.reference)),
    complete: only === undefined,
  };
}

type GroupOf = ReadonlyMap<TargetId, TargetGroup>;

/** Targets, and all that they need. */
function withNeeded({ targets }: Plan, first: (target: Target) => boolean): Set<Target> {
  const all = new Map(targets.map((target) => [target.id, target]));
  const needed = new Set(targets.filter((target) => first(target)));
  // A Set iterates over what is added meanwhile.
  for (const { dependencies } of needed) {
    for (const { target: id } of dependencies) {
      const target = all.get(id);
      if (target !== undefined) needed.add(target);
    }
  }
  return needed;
}

/** The groups of these targets, and those that they need: what makes the job image can't run in it. */
function makersOf(
  groups: readonly TargetGroup[],
  targets: ReadonlySet<Target>,
  groupOf: GroupOf,
): Set<TargetGroup> {
  const makers = new Set([...targets].map(({ id }) => groupOf.get(id)));
  for (const group of makers) {
    for (const { dependencies } of group?.targets ?? []) {
      for (const { target } of dependencies) makers.add(groupOf.get(target));
    }
  }
  return new Set(groups.filter((group) => makers.has(group)));
}

type ImageQuestion = {
  readonly jobImage: string;
  readonly targets: readonly Target[];
  readonly groupOf: GroupOf;
  readonly buildId: string | undefined;
};

function imageFor(
  plan: Plan,
  { jobImage, targets, groupOf, buildId }: ImageQuestion,
): { readonly job: string; readonly name: string; readonly tag: string } {
  const [first] = targets;
  const runner = runnerPlatform(first?.platform ?? { os: "linux", architecture: "amd64" });
  const made = plan.targets.filter(({ reference }) => reference === jobImage);
  const found = made.find(({ platform }) => samePlatform(platform, runner));
  const job = found === undefined ? undefined : groupOf.get(found.id)?.id;
  if (found === undefined || job === undefined) {
    throw new HiveError(
      "usage",
      `Cannot run jobs in "${jobImage}": it is not built for ${formatPlatform(runner)}, which builds ${first?.reference ?? ""}`,
      { hint: "Add the platform to the image, or choose another `job_image` in hive.yml." },
    );
  }
  return { job, name: found.name, tag: platformTag(found.tag, found.platform, buildId) };
}

function noJobImage({ targets }: Plan, jobImage: string): HiveError {
  const near = didYouMean(jobImage, new Set(targets.map(({ reference }) => reference)));
  return new HiveError("usage", `The project has no image "${jobImage}" for jobs to run in`, {
    hint: `\`job_image\` in hive.yml takes name:tag of an image of the project${near === undefined ? "" : `: ${near}`}`,
  });
}

function jobOf(
  { id, title }: Pick<TargetGroup, "id" | "title">,
  targets: readonly Target[],
  plan: Plan,
): Omit<BuildJob, "level" | "needs" | "image"> {
  const platforms = uniquePlatforms(targets);
  const [first = { os: "linux", architecture: "amd64" }] = platforms;
  const references = [...new Set(targets.map(({ reference }) => reference))];
  return {
    id,
    title,
    platforms,
    runner: runnerPlatform(first),
    references,
    patterns: patternsOf(references, platforms, plan),
    secrets: secretVariables(targets, plan),
  };
}

/** A parent that no earlier job left is built with them. */
function secretVariables(targets: readonly Target[], plan: Plan): string[] {
  const own = new Set(targets);
  const needed = withNeeded(plan, (target) => own.has(target));
  const names = [...needed].flatMap(({ secrets }) =>
    secrets.flatMap(({ source, value }) => (source === "env" ? [value.reveal()] : [])),
  );
  return [...new Set(names)].filter((name) => /^[A-Za-z_]\w*$/.test(name)).toSorted();
}

/** A name stands for all references that it has on these platforms. */
function patternsOf(
  references: readonly string[],
  platforms: readonly Platform[],
  plan: Plan,
): string[] {
  const here = new Set(references);
  const partly = new Set(
    plan.targets
      .filter(({ platform }) => platforms.some((one) => samePlatform(one, platform)))
      .filter(({ reference }) => !here.has(reference))
      .map(({ name }) => name),
  );
  return [
    ...new Set(
      references.map((reference) => {
        const name = reference.slice(0, reference.lastIndexOf(":"));
        return partly.has(name) ? reference : name;
      }),
    ),
  ];
}

function localJobs(plan: Plan, wanted: (target: Target) => boolean): BuildJob[] {
  const ofPlatform = Map.groupBy(plan.targets.filter(wanted), ({ platform }) =>
    formatPlatform(platform),
  );
  return [...ofPlatform].map(([title, targets]) => {
    const slugs = uniquePlatforms(targets).map((platform) => platformSlug(platform));
    const id = `local-${slugs.join("-")}`;
    return { ...jobOf({ id, title }, targets, plan), level: 1, needs: [] };
  });
}

function uniquePlatforms(targets: readonly Target[]): Platform[] {
  return [...new Map(targets.map(({ platform }) => [formatPlatform(platform), platform])).values()];
}

function imagesOf({ targets }: Plan, descriptions: ReadonlyMap<string, string>): PipelineImage[] {
  const references = new Map(targets.map(({ id, reference }) => [id, reference]));
  return [...Map.groupBy(targets, ({ name }) => name)].map(([name, all]) => ({
    name,
    description: descriptions.get(name) ?? "",
    tags: [...Map.groupBy(all, ({ reference }) => reference)].map(([reference, list]) => ({
      reference,
      tag: list[0]?.tag ?? "",
      platforms: uniquePlatforms(list),
      needs: [
        ...new Set(
          list.flatMap(({ dependencies }) =>
            dependencies.map(({ target }) => references.get(target) ?? ""),
          ),
        ),
      ],
    })),
  }));
}
