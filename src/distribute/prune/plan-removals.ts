import type { Digest } from "../../oci/digest.ts";
import { referrersTag } from "../../remote/manifests/referrers-tag.ts";
import { subjectKey } from "./subject-key.ts";

/** The tags of a repository, and how manifests hang together. */
export type TagGraph = {
  readonly tags: ReadonlyMap<string, Digest>;
  /** What a manifest is nothing without: the children of an index, the subject of what refers to one. */
  readonly needs: ReadonlyMap<Digest, readonly Digest[]>;
  /** What refers to a manifest, and stays as long as that does. */
  readonly referrers: ReadonlyMap<Digest, readonly Digest[]>;
};

export type Removals = {
  /** Tags whose manifests go with them, what is attached before what it is attached to. */
  readonly whole: readonly string[];
  /** Tags that go alone: something that stays needs what they stand for. */
  readonly namesOnly: readonly string[];
};

/**
 * What goes when some tags go: also what is attached to them by tags. Nothing goes that a tag that stays needs, through any
 * number of steps.
 */
export function planRemovals(graph: TagGraph, going: ReadonlySet<string>): Removals {
  const attached = [...graph.tags].flatMap(([tag, digest]) => {
    const subject = going.has(tag) ? undefined : subjectKey(tag);
    return subject === undefined ? [] : [{ tag, digest, subject }];
  });
  const lost = createReach(graph);
  for (const tag of going) lost.add(graph.tags.get(tag));
  // Things are attached to attached things, as a signature to an SBOM.
  const leaving = lost.addWhile(attached, ({ subject }) => lost.keys.has(subject));

  const kept = createReach(graph);
  const isLeaving = new Set(leaving.map(({ tag }) => tag));
  for (const [tag, digest] of graph.tags) {
    if (!going.has(tag) && !isLeaving.has(tag)) kept.add(digest);
  }
  const spared = new Set(kept.addWhile(leaving, ({ subject }) => kept.keys.has(subject)));

  const own = [...going].filter((tag) => graph.tags.has(tag));
  const along = leaving.filter((one) => !spared.has(one)).map(({ tag }) => tag);
  const all = [...along.toReversed(), ...own];
  const isNeeded = (tag: string): boolean => {
    const digest = graph.tags.get(tag);
    return digest !== undefined && kept.digests.has(digest);
  };
  return { whole: all.filter((tag) => !isNeeded(tag)), namesOnly: all.filter(isNeeded) };
}

type Reach = {
  readonly digests: ReadonlySet<Digest>;
  /** Of the digests, as tags of attached things have them. */
  readonly keys: ReadonlySet<string>;
  add(digest: Digest | undefined): void;
  /** Adds what passes, until nothing more does; returns what did, in that order. */
  addWhile<Item extends { readonly digest: Digest }>(
    items: readonly Item[],
    passes: (item: Item) => boolean,
  ): Item[];
};

/** What can be come to from some manifests. */
function createReach({ needs, referrers }: TagGraph): Reach {
  const digests = new Set<Digest>();
  const keys = new Set<string>();
  const add = (start: Digest | undefined): void => {
    const pending = start === undefined ? [] : [start];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (digests.has(next)) continue;
      digests.add(next);
      keys.add(referrersTag(next));
      pending.push(...(needs.get(next) ?? []), ...(referrers.get(next) ?? []));
    }
  };
  return {
    digests,
    keys,
    add,
    addWhile(items, passes) {
      const added: (typeof items)[number][] = [];
      let rest = [...items];
      for (let found = rest.filter(passes); found.length > 0; found = rest.filter(passes)) {
        for (const { digest } of found) add(digest);
        added.push(...found);
        rest = rest.filter((item) => !found.includes(item));
      }
      return added;
    },
  };
}
