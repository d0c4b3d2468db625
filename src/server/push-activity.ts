/**
 * Which repositories are being pushed to: a push is many requests, and one that has begun should end before the server
 * does. It has ended when nothing came for it for a moment.
 */
export type PushActivity = {
  /** Notes a request that writes; call what it returns with whether it was let in when it has been answered. */
  begin(repository: string): (allowed: boolean) => void;
  /** Whether a push to this repository is under way. */
  isActive(repository: string): boolean;
  /** How many repositories are being pushed to. */
  count(): number;
};

/** @param quiet milliseconds without a request after which a push has ended */
export function createPushActivity(quiet: number): PushActivity {
  const pushes = new Map<string, { running: number; last: number }>();

  const isActive = (repository: string): boolean => {
    const push = pushes.get(repository);
    if (push === undefined) return false;
    if (push.running > 0 || performance.now() - push.last < quiet) return true;
    pushes.delete(repository);
    return false;
  };
  const count = (): number => [...pushes.keys()].filter(isActive).length;

  return {
    begin(repository) {
      const push = pushes.get(repository) ?? { running: 0, last: Number.NEGATIVE_INFINITY };
      pushes.set(repository, push);
      push.running += 1;
      return (allowed) => {
        push.running -= 1;
        if (allowed) push.last = performance.now();
        // Repositories that nobody pushes to any more must not pile up.
        if (pushes.size > 1000) count();
      };
    },
    isActive,
    count,
  };
}
