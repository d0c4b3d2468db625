import type { ImageTime } from "./image-time.ts";
import type { TagGroup } from "./group-tags.ts";
import { baseTag } from "./base-tag.ts";

/** What keeps images. At least one is set. */
export type RetentionRules = {
  /** So many of a repository's images, the newest. */
  readonly keepLast?: number;
  /** What is younger than so many milliseconds. */
  readonly maxAge?: number;
};

/** A group of tags with its time. */
export type TimedGroup = TagGroup & {
  /** Undefined: nothing tells. */
  readonly time: ImageTime | undefined;
};

/** Why a group stays. */
export type KeepReason = "declared" | "no time" | "keep_last" | "max_age";

/** A group that stays, or, without a reason to, goes. */
export type JudgedGroup = TimedGroup & { readonly keptBy: KeepReason | undefined };

type ChooseOptions = {
  readonly rules: RetentionRules;
  readonly now: number;
  /** Tags that stay whatever rules say, with those of their platforms. */
  readonly declared: ReadonlySet<string>;
};

/** Says of each image of a repository whether it stays: any one reason is enough. The newest come first. */
export function chooseGroups(
  groups: readonly TimedGroup[],
  { rules: { keepLast = 0, maxAge = -Infinity }, now, declared }: ChooseOptions,
): JudgedGroup[] {
  const isDeclared = (tag: string): boolean => {
    const whole = baseTag(tag, (name) => declared.has(name));
    return declared.has(tag) || (whole !== undefined && declared.has(whole));
  };
  const keptBy = ({ tags, time }: TimedGroup, rank: number): KeepReason | undefined => {
    if (tags.some(isDeclared)) return "declared";
    if (time === undefined) return "no time";
    if (rank < keepLast) return "keep_last";
    return now - time.at < maxAge ? "max_age" : undefined;
  };
  return groups
    .toSorted(newestFirst)
    .map((group, rank) => ({ ...group, keptBy: keptBy(group, rank) }));
}

const names = new Intl.Collator("en", { numeric: true });

/** Without a time comes last, so that it does not count against what has one. */
function newestFirst(a: TimedGroup, b: TimedGroup): number {
  const later = (b.time?.at ?? -Infinity) - (a.time?.at ?? -Infinity);
  // Both unknown: infinity less itself is no number.
  if (later !== 0 && !Number.isNaN(later)) return later;
  return names.compare(b.tags[0] ?? "", a.tags[0] ?? "");
}
