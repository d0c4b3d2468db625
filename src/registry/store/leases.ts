import type { Digest } from "../../oci/digest.ts";

/**
 * Who pushes an image counts on blobs that no manifest names yet: what was pushed, mounted or found to be there keeps
 * a lease for some time. In memory only. Times are those of `performance.now()`.
 */
export type Leases = {
  /** When the first lease could be given. */
  readonly since: number;
  /** Begins or renews a lease. */
  touch(digest: Digest): void;
  /** Content is about to appear under this digest: nobody may remove it until `stored` settles. */
  hold(digest: Digest, stored: Promise<unknown>): void;
  isHeld(digest: Digest): boolean;
  /** Resolves when nothing is about to appear under these digests: what was found there is durable then. */
  settled(digests: readonly Digest[]): Promise<void>;
  /** When the lease was renewed last; undefined when there was none. */
  lastUse(digest: Digest): number | undefined;
  /** Forgets leases that were not renewed since. */
  forget(before: number): void;
};

/** Without any lease yet. */
export function createLeases(): Leases {
  const used = new Map<Digest, number>();
  const held = new Map<Digest, Set<Promise<unknown>>>();
  return {
    since: performance.now(),
    touch: (digest) => void used.set(digest, performance.now()),
    hold(digest, stored) {
      const all = held.get(digest) ?? new Set();
      held.set(digest, all.add(stored));
      const release = (): void => {
        all.delete(stored);
        if (all.size === 0) held.delete(digest);
      };
      stored.then(release, release);
    },
    isHeld: (digest) => held.has(digest),
    async settled(digests) {
      if (held.size === 0) return;
      // When it fails, that is for who stores it to tell.
      await Promise.allSettled(digests.flatMap((digest) => [...(held.get(digest) ?? [])]));
    },
    lastUse: (digest) => used.get(digest),
    forget(before) {
      for (const [digest, time] of used) if (time < before) used.delete(digest);
    },
  };
}
