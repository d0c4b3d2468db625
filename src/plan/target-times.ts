import type { Commit } from "../git/last-commits.ts";
import type { History } from "../git/read-history.ts";
import type { Node } from "./graph.ts";
import type { TargetId } from "./plan.ts";

/** What a plan is told of a project's past. */
export type ProjectHistory = Pick<History, "directories" | "project" | "source"> & {
  /** `SOURCE_DATE_EPOCH`: the time of every image, whatever git says. Seconds since 1970. */
  readonly epoch?: number;
};

/** When a target was changed last. */
export type TargetTime = {
  /** Seconds since 1970. */
  readonly epoch: number;
  /** The commit that its content is of; absent when git knows none. */
  readonly revision?: string;
  /** Whether git has the image's own directory. */
  readonly tracked: boolean;
};

/**
 * When what goes into each target was changed last: its image's directory, and those of the images it is built on. So an
 * image is never older than its base, and a commit elsewhere in the project makes no new image.
 * @param ordered each node after those it needs
 */
export function targetTimes(
  ordered: readonly Node[],
  history: ProjectHistory,
): ReadonlyMap<TargetId, TargetTime> {
  const commits = new Map<TargetId, Commit>();
  const times = new Map<TargetId, TargetTime>();
  for (const { id, unit, buildArgs, dependencies } of ordered) {
    const own = history.directories.get(unit.image.files.directory);
    const commit = dependencies
      .map(({ target }) => commits.get(target))
      .reduce(newer, own ?? history.project);
    if (commit !== undefined) commits.set(id, commit);
    times.set(id, {
      epoch: history.epoch ?? epochOf(buildArgs) ?? commit?.time ?? 0,
      ...(commit === undefined ? {} : { revision: commit.id }),
      tracked: own !== undefined,
    });
  }
  return times;
}

/** The later of two commits by their times; by their places in history when these are the same. */
function newer(a: Commit | undefined, b: Commit | undefined): Commit | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.time > a.time || (b.time === a.time && b.age < a.age) ? b : a;
}

/** The user's own setting in image.yml. */
function epochOf({ SOURCE_DATE_EPOCH: text }: Readonly<Record<string, string>>) {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
