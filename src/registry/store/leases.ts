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
  /** Content is about to appear under this digest: nobody may remove it until this is disposed of. */
  hold(digest: Digest): Disposable;
  isHeld(digest: Digest): boolean;
  /** When the lease was renewed last; undefined when there was none. */
  lastUse(digest: Digest): number | undefined;
  /** Forgets leases that were not renewed since. */
  forget(before: number): void;
};

export function createLeases(): Leases {
  const used = new Map<Digest, number>();
  const held = new Map<Digest, number>();
  return {
    since: performance.now(),
    touch: (digest) => void used.set(digest, performance.now()),
    hold(digest) {
      held.set(digest, (held.get(digest) ?? 0) + 1);
      return {
        [Symbol.dispose]() {
          const others = (held.get(digest) ?? 1) - 1;
          if (others === 0) held.delete(digest);
          else held.set(digest, others);
        },
      };
    },
    isHeld: (digest) => held.has(digest),
    lastUse: (digest) => used.get(digest),
    forget(before) {
      for (const [digest, time] of used) if (time < before) used.delete(digest);
    },
  };
}
