import { HiveError } from "../base/hive-error.ts";
import { formatPlatform, platformSlug } from "../oci/platform.ts";
import type { Target } from "../plan/plan.ts";

/** A directory to write: one for all platforms of a reference, or one for each where their files differ. */
export type DirectoryJob = {
  /** Relative to the output directory: `base/1.0`, `base/1.0.linux-arm64`. */
  readonly directory: string;
  readonly target: Target;
  readonly platforms: readonly string[];
  /** What its structure tests say, if it has some. */
  readonly test: string | undefined;
};

/**
 * Which directories hold the files of `targets`.
 * @param testOf the rendered text of a target's test.yml
 * @throws HiveError usage when one would be inside another, or the same.
 */
export function groupTargets(
  targets: readonly Target[],
  testOf: (target: Target) => string | undefined,
): DirectoryJob[] {
  const references = Map.groupBy(targets, ({ reference }) => reference);
  const jobs = [...references.values()].flatMap((group) => jobsOf(group, testOf));
  const taken = new Map(jobs.map((job) => [job.directory, job]));
  for (const job of jobs) {
    const parts = job.directory.split("/");
    const ways = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    const other = ways.map((way) => taken.get(way)).find((found) => found && found !== job);
    if (other === undefined) continue;
    throw new HiveError(
      "usage",
      `Cannot write ${job.target.reference} and ${other.target.reference}: "${job.directory}" is inside of "${other.directory}"`,
      { hint: "Generate them one at a time, each with an --output of its own." },
    );
  }
  return jobs;
}

function jobsOf(
  group: readonly Target[],
  testOf: (target: Target) => string | undefined,
): DirectoryJob[] {
  const [first] = group;
  if (first === undefined) return [];
  const directory = `${first.name}/${first.tag}`;
  const files = new Set(
    group.map((target) => JSON.stringify([target.dockerfile.text, target.context, testOf(target)])),
  );
  if (files.size === 1) {
    const platforms = group.map(({ platform }) => formatPlatform(platform));
    return [{ directory, target: first, platforms, test: testOf(first) }];
  }
  return group.map((target) => ({
    directory: `${directory}.${platformSlug(target.platform)}`,
    target,
    platforms: [formatPlatform(target.platform)],
    test: testOf(target),
  }));
}
