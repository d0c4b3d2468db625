import { HiveError } from "../../../base/hive-error.ts";
import type { Digest } from "../../../oci/digest.ts";
import { reachableBlobs } from "../../../oci/reachable-blobs.ts";
import { storedBlobs } from "../../../oci/stored-blobs.ts";
import type { OpenRegistryStore } from "../open-registry-store.ts";
import { nextTurn } from "../pause.ts";
import { createGarbageRun, type GarbageRun } from "./garbage-run.ts";
import { unneededLinks } from "./unneeded-links.ts";
import { untaggedManifests } from "./untagged-manifests.ts";

export type GarbageOptions = {
  /** Milliseconds for which what nothing needs is kept after it was pushed or asked for: its manifest may be on the way. */
  readonly grace: number;
  /**
   * Also removes manifests that no tag leads to, by way of indexes and subjects too, and has not for so many
   * milliseconds. Default: they stay.
   */
  readonly untagged?: { readonly olderThan: number } | undefined;
  /** Only finds out what would be removed. */
  readonly dryRun?: boolean;
  /** No registry has served the store since it was opened: the age of files counts, not that of the opening. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal | undefined;
};

export type GarbageReport = {
  readonly manifests: number;
  /** Blobs that repositories no longer have; others may. */
  readonly links: number;
  /** Files that are gone, those of manifests included. */
  readonly blobs: number;
  readonly bytes: number;
};

const running = new WeakSet<OpenRegistryStore["garbage"]>();

/**
 * Removes what nothing needs while the store is served. Whatever a client pushes, mounts or finds from the moment this
 * begins is not touched. A file that is being sent is sent to its end.
 * @throws HiveError when it is running already, or the store can't be written; the signal's reason. What was removed
 * until then stays removed, and nothing that is left lacks anything.
 */
export async function collectGarbage(
  store: OpenRegistryStore,
  options: GarbageOptions,
): Promise<GarbageReport> {
  if (running.has(store.garbage)) {
    throw new HiveError("failed", "Cannot collect garbage: it is being collected already", {
      hint: "Wait for it to end.",
    });
  }
  running.add(store.garbage);
  try {
    const run = createGarbageRun(store, options);
    // A blob that is in place is linked within the turn: those are seen from here on.
    await nextTurn();
    const manifests =
      options.untagged === undefined ? 0 : await removeManifests(run, options.untagged.olderThan);
    const links = await removeLinks(run);
    return { manifests, links, ...(await removeFiles(store, run)) };
  } finally {
    running.delete(store.garbage);
  }
}

async function removeManifests(run: GarbageRun, olderThan: number): Promise<number> {
  let count = 0;
  for (const repository of run.metadata.allRepositories()) {
    for await (const digest of untaggedManifests(run, repository, olderThan)) {
      await run.pause.ifDue(run.signal);
      // Asked again in the turn in which it is removed.
      if (run.metadata.untaggedSince(repository, digest) === undefined) continue;
      if (!run.isExpired(digest)) continue;
      run.goneManifests.add(`${repository}@${digest}`);
      count++;
      if (!run.dryRun) await run.change(run.metadata.deleteManifest(repository, digest));
    }
  }
  await run.changed();
  return count;
}

async function removeLinks(run: GarbageRun): Promise<number> {
  let count = 0;
  for (const repository of run.metadata.allRepositories()) {
    for (const digest of await unneededLinks(run, repository)) {
      await run.pause.ifDue(run.signal);
      if (!run.isExpired(digest)) continue;
      run.goneLinks.add(`${repository}@${digest}`);
      count++;
      if (!run.dryRun) await run.change(run.metadata.removeBlob(repository, digest));
    }
  }
  await run.changed();
  return count;
}

async function removeFiles(
  { directory, garbage }: OpenRegistryStore,
  run: GarbageRun,
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const needed = await neededFiles(run, garbage.membership);
  const others = await reachableBlobs(garbage.blobs, garbage.others);
  // What repositories were seen not to have must not come back after a failed write or a power cut.
  await run.metadata.settled();
  let blobs = 0;
  let bytes = 0;
  for (const digest of await storedBlobs(directory)) {
    await run.pause.ifDue(run.signal);
    if (needed.has(digest) || others.has(digest) || !run.isExpired(digest)) continue;
    // Asked again in the turn in which it goes: a removal that could not be made durable was undone without a lease.
    if (!run.dryRun && run.metadata.isKnown(digest)) continue;
    const size = garbage.blobs.find(digest)?.size;
    if (size === undefined || (!run.dryRun && !garbage.blobs.remove(digest))) continue;
    blobs++;
    bytes += size;
  }
  return { blobs, bytes };
}

/** Everything that a repository has. */
async function neededFiles(
  { metadata, pause, signal, goneManifests, goneLinks }: GarbageRun,
  membership: OpenRegistryStore["garbage"]["membership"],
): Promise<ReadonlySet<Digest>> {
  const needed = new Set<Digest>();
  for (const repository of metadata.allRepositories()) {
    for (const { digest, content } of metadata.manifests(repository)) {
      await pause.ifDue(signal);
      if (goneManifests.has(`${repository}@${digest}`)) continue;
      needed.add(digest);
      // Where repositories share all blobs an image needs no links to them.
      if (membership === "shared") for (const part of content) needed.add(part);
    }
    for (const digest of metadata.blobs(repository)) {
      await pause.ifDue(signal);
      if (!goneLinks.has(`${repository}@${digest}`)) needed.add(digest);
    }
  }
  return needed;
}
