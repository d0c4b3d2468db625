import type { KeepReason } from "../../distribute/prune/choose-groups.ts";
import type { PrunePlan } from "../../distribute/prune/plan-prune.ts";
import type { Digest } from "../../oci/digest.ts";

/** What became of a repository, as `--json` prints it. */
export type PrunedRepository = {
  readonly repository: string;
  /** The newest first. */
  readonly images: readonly PrunedImage[];
  /** Tags of attached things that went along. */
  readonly attached: readonly string[];
};

type PrunedImage = {
  readonly digest: Digest;
  readonly tags: readonly string[];
  /** RFC 3339; absent when nothing tells. */
  readonly time?: string;
  /** `built`: the registry does not tell when it was pushed. */
  readonly timeOf?: "pushed" | "built";
  /** `left`: it was to go, and did not: its tags have moved, or something failed before. */
  readonly status: "kept" | "deleted" | "would be deleted" | "left";
  /** Why it was kept. */
  readonly keptBy?: KeepReason;
};

/** @param gone the tags that are gone; undefined: none, this is a rehearsal */
export function prunedRepository(
  { repository, groups, removals }: PrunePlan,
  gone: ReadonlySet<string> | undefined,
): PrunedRepository {
  const own = new Set(groups.flatMap(({ tags }) => tags));
  const isGone = (tag: string): boolean => gone === undefined || gone.has(tag);
  const done = gone === undefined ? "would be deleted" : "deleted";
  return {
    repository,
    images: groups.map(({ digest, tags, time, keptBy }) => ({
      digest,
      tags,
      ...(time === undefined ? {} : { time: new Date(time.at).toISOString(), timeOf: time.from }),
      status: keptBy !== undefined ? "kept" : tags.some(isGone) ? done : "left",
      ...(keptBy === undefined ? {} : { keptBy }),
    })),
    attached: [...removals.whole, ...removals.namesOnly].filter(
      (tag) => !own.has(tag) && isGone(tag),
    ),
  };
}
