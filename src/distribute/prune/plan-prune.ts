import { mapLimited } from "../../base/map-limited.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import { applyDeletions, type Deletion, planDeletion } from "../../remote/plan-deletion.ts";
import { chooseGroups, type JudgedGroup, type RetentionRules } from "./choose-groups.ts";
import { groupTags } from "./group-tags.ts";
import { imageTime } from "./image-time.ts";
import { planRemovals, type Removals } from "./plan-removals.ts";
import { readRepository, type ReadRepository } from "./read-repository.ts";

/** What retention means for one repository. */
export type PrunePlan = {
  readonly repository: string;
  /** All images, the newest first. */
  readonly groups: readonly JudgedGroup[];
  /** Every tag that goes, those of attached things too. */
  readonly removals: Removals;
  /** What the tags stood for when it was decided. */
  readonly tags: ReadRepository["graph"]["tags"];
};

type PruneOptions = {
  readonly rules: RetentionRules;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Tags that stay whatever rules say, with those of their platforms. */
  readonly declared: ReadonlySet<string>;
};

const parallel = 8;

/** Says which tags of a repository rules let go; changes nothing. @throws HiveError when the registry can't be asked */
export async function planPrune(
  registry: RemoteRegistry,
  repository: string,
  { rules, now, declared }: PruneOptions,
): Promise<PrunePlan> {
  const { graph, manifests, referrers, modified } = await readRepository(registry, repository);
  const groups = await mapLimited(groupTags(graph.tags), parallel, async (group) => {
    const found = manifests.get(group.digest);
    if (found === undefined) return { ...group, time: undefined };
    const time = await imageTime(registry, repository, {
      tags: group.tags,
      modified: group.tags.flatMap((tag) => modified.get(tag) ?? []),
      manifest: found.manifest,
      referrers: referrers.get(group.digest) ?? [],
    });
    return { ...group, time };
  });
  const judged = chooseGroups(groups, { rules, now, declared });
  const going = judged.filter(({ keptBy }) => keptBy === undefined).flatMap(({ tags }) => tags);
  // The oldest go first: whoever stops it half-way has what is new.
  const removals = planRemovals(graph, new Set(going.toReversed()));
  return { repository, groups: judged, removals, tags: graph.tags };
}

/**
 * Does what was planned; yields each tag that is gone. A tag that has moved since is left alone, and so is whatever new tags need.
 * @throws HiveError
 */
export async function* applyPrune(
  registry: RemoteRegistry,
  { repository, removals, tags }: PrunePlan,
): AsyncGenerator<Deletion> {
  for (const keepManifest of [false, true]) {
    let wanted = keepManifest ? removals.namesOnly : removals.whole;
    for (;;) {
      if (wanted.length === 0) break;
      const { deletions } = await planDeletion(registry, repository, wanted, { keepManifest });
      const still = deletions.filter(({ reference, digest }) => tags.get(reference) === digest);
      // What a tag has moved to must count as needed: it is planned anew without the tag.
      if (still.length === deletions.length) {
        yield* applyDeletions(registry, deletions);
        break;
      }
      wanted = still.map(({ reference }) => reference);
    }
  }
}
