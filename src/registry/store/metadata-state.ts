import type { MetadataChange } from "./metadata-change.ts";
import {
  dropManifest,
  emptyRepository,
  type RepositoryState,
  setManifest,
  setTag,
} from "./repository-state.ts";
import { createSortedNames, type SortedNames } from "./sorted-names.ts";

/** What a registry knows, in memory. */
export type MetadataState = {
  readonly repositories: Map<string, RepositoryState>;
  /** Of repositories with a manifest: an upload alone makes none that is worth listing. */
  readonly listed: SortedNames;
  /** Grows with every change of what tags name. */
  namesRevision: number;
};

/** What a registry knows that has nothing. */
export function emptyMetadataState(): MetadataState {
  const repositories = new Map<string, RepositoryState>();
  const hasManifest = (name: string): boolean => (repositories.get(name)?.manifests.size ?? 0) > 0;
  return {
    repositories,
    listed: createSortedNames({
      has: hasManifest,
      keys: () => [...repositories.keys()].filter((name) => hasManifest(name)),
    }),
    namesRevision: 0,
  };
}

/** Makes one change. The result undoes it, as long as every later change has been undone before. */
export function applyChange(state: MetadataState, change: MetadataChange): () => void {
  const name = change.repository;
  const undo = changeRepository(open(state, name), change);
  if (change.op !== "link" && change.op !== "unlink") state.namesRevision++;
  tidy(state, name);
  return () => {
    // It may have been emptied, and removed, by what is undone now; parts that a later change kept are the same.
    changeBack(state, name, undo);
    state.namesRevision++;
  };
}

/** The changes that make a state like this one out of an empty one. */
export function* changesOf(state: MetadataState): Generator<MetadataChange> {
  for (const [repository, { manifests, blobs }] of state.repositories) {
    for (const { record, tags, since, pushed } of manifests.values()) {
      const times = { at: since, ...(pushed === since ? {} : { pushed }) };
      yield { op: "put", repository, record, tags: [...(tags ?? [])], ...times };
    }
    for (const chunk of chunks(blobs, 100)) yield { op: "link", repository, blobs: chunk };
  }
}

type Undo = (state: RepositoryState) => void;

function changeRepository(state: RepositoryState, change: MetadataChange): Undo {
  switch (change.op) {
    case "put":
      return put(state, change);
    case "untag": {
      const { tag, at } = change;
      const target = state.tags.get(tag);
      setTag(state, tag, undefined, at);
      return (back) => setTag(back, tag, target, at);
    }
    case "delete":
      return deleteManifest(state, change);
    case "link": {
      const added = change.blobs.filter((blob) => !state.blobs.has(blob));
      for (const blob of added) state.blobs.add(blob);
      return (back) => {
        for (const blob of added) back.blobs.delete(blob);
      };
    }
    case "unlink": {
      const removed = change.blobs.filter((blob) => state.blobs.delete(blob));
      return (back) => {
        for (const blob of removed) back.blobs.add(blob);
      };
    }
  }
}

function put(
  state: RepositoryState,
  { record, tags, at, pushed }: MetadataChange & { readonly op: "put" },
): Undo {
  const before = state.manifests.get(record.digest);
  const targets = tags.map((tag) => [tag, state.tags.get(tag)] as const);
  const unchanged = tags.length === 0 ? before?.pushed : undefined;
  setManifest(state, record, { since: at, pushed: pushed ?? unchanged ?? at });
  for (const tag of tags) setTag(state, tag, record.digest, at);
  return (back) => {
    for (const [tag, target] of targets.toReversed()) setTag(back, tag, target, at);
    const held = back.manifests.get(record.digest);
    if (before !== undefined) setManifest(back, before.record, before);
    else if (held !== undefined) dropManifest(back, held);
  };
}

function deleteManifest(
  state: RepositoryState,
  { digest }: MetadataChange & { readonly op: "delete" },
): Undo {
  const held = state.manifests.get(digest);
  if (held === undefined) return () => undefined;
  const tags = [...(held.tags ?? [])];
  for (const tag of tags) setTag(state, tag, undefined, held.since);
  dropManifest(state, held);
  return (back) => {
    setManifest(back, held.record, held);
    for (const tag of tags) setTag(back, tag, digest, held.since);
  };
}

function open(state: MetadataState, name: string): RepositoryState {
  const known = state.repositories.get(name);
  if (known !== undefined) return known;
  const made = emptyRepository();
  state.repositories.set(name, made);
  return made;
}

function changeBack(state: MetadataState, name: string, undo: Undo): void {
  undo(open(state, name));
  tidy(state, name);
}

/** A repository is there as long as it has something. */
function tidy(state: MetadataState, name: string): void {
  const { manifests, blobs } = open(state, name);
  if (manifests.size === 0 && blobs.size === 0) state.repositories.delete(name);
  state.listed.changed(name);
}

function* chunks<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let chunk: Item[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
