import { statSync } from "node:fs";
import type { Digest } from "../../../oci/digest.ts";
import type { MetadataStore } from "../metadata-store.ts";
import type { OpenRegistryStore } from "../open-registry-store.ts";
import { createPause, type Pause } from "../pause.ts";
import type { GarbageOptions } from "./collect-garbage.ts";

/** What the steps of one garbage collection share. */
export type GarbageRun = {
  readonly metadata: MetadataStore;
  readonly pause: Pause;
  readonly signal: AbortSignal | undefined;
  readonly dryRun: boolean;
  /** `repository@digest` of what is gone or, in a dry run, would be. */
  readonly goneManifests: Set<string>;
  readonly goneLinks: Set<string>;
  /**
   * Whether nobody counts on the digest any more: its lease ended, and it was not asked for since this began. As every
   * change renews the leases of what it names, what was expired at the beginning of a turn is so to its end.
   */
  readonly isExpired: (digest: Digest) => boolean;
  /** Goes on while a change becomes durable; waits when there are many. */
  change(done: Promise<unknown>): Promise<void>;
  /** Resolves when all of them are. */
  changed(): Promise<void>;
};

// Changes that share a sync.
const batch = 256;

// Milliseconds for which leases are remembered at least: another collection may have more patience.
const remembered = 7 * 24 * 3600 * 1000;

/** Begins a collection: what is used from now on is not expired for it. */
export function createGarbageRun(
  { garbage }: OpenRegistryStore,
  { grace, dryRun = false, offline = false, signal }: GarbageOptions,
): GarbageRun {
  const { blobs, metadata, leases } = garbage;
  const begun = performance.now();
  leases.forget(begun - Math.max(grace, remembered));
  let changes: Promise<unknown>[] = [];

  const lastUse = (digest: Digest): number => {
    const leased = leases.lastUse(digest);
    if (leased !== undefined || !offline) return leased ?? leases.since;
    const path = blobs.find(digest)?.path;
    const stat = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    return performance.now() - (Date.now() - (stat?.mtimeMs ?? 0));
  };
  const changed = async (): Promise<void> => {
    const waiting = changes;
    changes = [];
    await Promise.all(waiting);
  };
  return {
    metadata,
    pause: createPause(),
    signal,
    dryRun,
    goneManifests: new Set(),
    goneLinks: new Set(),
    isExpired: (digest) => !leases.isHeld(digest) && lastUse(digest) < begun - grace,
    async change(done) {
      // Looked at later; until then its failure is nobody's.
      done.catch(() => undefined);
      if (changes.push(done) >= batch) await changed();
    },
    changed,
  };
}
