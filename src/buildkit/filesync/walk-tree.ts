import { setImmediate } from "node:timers/promises";
import { systemErrorCode } from "../../base/system-error.ts";
import type { FileEntry, FileTree } from "../file-tree.ts";
import { compareBytes } from "./byte-order.ts";
import { resolveFollowPaths } from "./follow-paths.ts";
import { createPatternList, type PatternHits, type PatternList } from "./pattern-list.ts";
import type { SyncRequest } from "./sync-headers.ts";

/** An entry with its path from the tree's root. */
export type WalkedEntry = { readonly path: string; readonly entry: FileEntry };

type Filter = Omit<SyncRequest, "directory">;

/** A directory on the way down: sent at once when wanted, else before its first wanted content. */
type OpenDirectory = WalkedEntry & {
  readonly includeHits: PatternHits | undefined;
  readonly excludeHits: PatternHits | undefined;
  sent: boolean;
};

type Step = { readonly kind: "entry"; readonly entry: FileEntry } | { readonly kind: "leave" };

// Matching many patterns takes time, and meanwhile the daemon wants to hear that we are well.
const entriesPerTurn = 500;

/**
 * The entries that the daemon wants, in the order it demands: bytewise by name,
 * a directory's content directly behind it, parents before children. The root itself is not an entry.
 * A directory is listed only if something in it may be wanted.
 * @throws SyntaxError for a pattern that can't be read; what an entry that is wanted is refused with.
 */
export async function* walkTree(tree: FileTree, filter: Filter): AsyncGenerator<WalkedEntry> {
  const { includes, excludes } = await compileFilter(tree, filter);
  const parents: OpenDirectory[] = [];
  // A stack of what is still to do, so that depth costs no nested generators.
  const steps = reversed(await tree.list(""));

  let visited = 0;

  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    if (step.kind === "leave") {
      parents.pop();
      continue;
    }
    if (++visited % entriesPerTurn === 0) await setImmediate();
    const parent = parents.at(-1);
    const { entry } = step;
    const path = parent === undefined ? entry.name : `${parent.path}/${entry.name}`;
    const include = includes?.match(path, parent?.includeHits);
    const exclude = excludes?.match(path, parent?.excludeHits);
    const wanted = include?.matched !== false && exclude?.matched !== true;

    if (wanted) {
      if (entry.refused !== undefined) throw entry.refused;
      for (const directory of parents) {
        if (directory.sent) continue;
        directory.sent = true;
        yield directory;
      }
      yield { path, entry };
    }
    if (entry.type !== "directory") continue;
    if (include?.matched === false && includes?.reachesInto(path, { negated: false }) === false)
      continue;
    if (exclude?.matched === true && excludes?.reachesInto(path, { negated: true }) === false)
      continue;

    const entries = await listed(tree, path);
    parents.push({
      path,
      entry,
      includeHits: include?.hits,
      excludeHits: exclude?.hits,
      sent: wanted,
    });
    steps.push({ kind: "leave" });
    for (const next of reversed(entries)) steps.push(next);
  }
}

async function compileFilter(
  tree: FileTree,
  filter: Filter,
): Promise<{ includes: PatternList | undefined; excludes: PatternList | undefined }> {
  const followed = await resolveFollowPaths(tree, filter.followPaths);
  const includes = [...filter.includes, ...followed];
  return {
    includes: includes.length > 0 ? createPatternList(includes) : undefined,
    excludes: filter.excludes.length > 0 ? createPatternList(filter.excludes) : undefined,
  };
}

// A directory that vanished since its parent was listed is an empty one.
async function listed(tree: FileTree, path: string): Promise<readonly FileEntry[]> {
  try {
    return await tree.list(path);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  }
}

function reversed(entries: readonly FileEntry[]): Step[] {
  return entries
    .toSorted((a, b) => compareBytes(b.name, a.name))
    .map((entry) => ({ kind: "entry", entry }));
}
