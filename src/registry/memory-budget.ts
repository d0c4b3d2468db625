import { RegistryError } from "./registry-error.ts";

/** Bytes that the requests under way may hold in memory, over all of them. */
export type MemoryBudget = {
  /** The share of one request; disposing gives it back. */
  open(): MemoryShare;
};

export type MemoryShare = Disposable & {
  /** @throws RegistryError 429 when it is more than there is: the client comes again. */
  readonly add: (bytes: number) => void;
};

// So much every request may have, or a few that hold everything would keep small ones out.
const free = 64 * 1024;

/** @param limit bytes, besides the small share that every request may have */
export function createMemoryBudget(limit: number): MemoryBudget {
  let held = 0;
  return {
    open() {
      let own = 0;
      const charge = (bytes: number): number => Math.max(bytes - free, 0);
      return {
        add(bytes) {
          const more = charge(own + bytes) - charge(own);
          if (held + more > limit) {
            throw new RegistryError(429, "TOOMANYREQUESTS", "too many manifests at once", {
              "Retry-After": "1",
            });
          }
          held += more;
          own += bytes;
        },
        [Symbol.dispose]() {
          held -= charge(own);
          own = 0;
        },
      };
    },
  };
}
