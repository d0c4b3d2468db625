import { BoundedMap } from "./bounded-map.ts";

/**
 * Slows down who guesses passwords. Failures count for an address with a name, for an address alone, and for a name
 * alone. The first two make the address wait; the last only delays, so that nobody can lock out a user from elsewhere.
 */
export type GuessLimiter = {
  /** Before a password is checked; counts as a failure until `succeeded`, so that many at once are many failures. */
  begin(address: string, user: string): Attempt;
};

export type Attempt =
  /** Not now. `wait` is in milliseconds. */
  | { readonly kind: "blocked"; readonly wait: number }
  /** After `delay` milliseconds. */
  | { readonly kind: "allowed"; readonly delay: number; succeeded(): void };

type Failures = { count: number; last: number };

type GuessLimiterOptions = {
  /** Milliseconds, by a clock that never goes back. */
  readonly now?: () => number;
};

/** Failures that are free: somebody mistypes, a machine of many users has some who do. */
const free = { pair: 5, address: 20, user: 10 };
const maxWait = 60_000;
const maxDelay = 2000;
/** Forgotten after so long without another. */
const memory = 15 * 60_000;
/** An attacker's address fills no more than its free ones, then it is blocked before it is noted. */
const tableSize = 10_000;

/** With nothing counted yet. What it counts is in memory, and bounded. */
export function createGuessLimiter(options: GuessLimiterOptions = {}): GuessLimiter {
  const { now = () => performance.now() } = options;
  const table = new BoundedMap<string, Failures>(tableSize);

  const countOf = (key: string): Failures => {
    const found = table.get(key);
    return found === undefined || now() - found.last > memory ? { count: 0, last: now() } : found;
  };
  const add = (key: string): void => table.set(key, { count: countOf(key).count + 1, last: now() });
  const takeBack = (key: string): void => {
    const { count, last } = countOf(key);
    if (count > 1) table.set(key, { count: count - 1, last });
    else table.delete(key);
  };
  /** Doubles with every failure that is not free. */
  const wait = (key: string, freeFailures: number): number => {
    const { count, last } = countOf(key);
    if (count < freeFailures) return 0;
    const length = Math.min(maxWait, 1000 * 2 ** Math.min(count - freeFailures, 10));
    return Math.max(0, last + length - now());
  };

  return {
    begin(address, user) {
      const keys = {
        pair: `pair ${address} ${user}`,
        address: `from ${address}`,
        user: `as ${user}`,
      };
      const blocked = Math.max(wait(keys.pair, free.pair), wait(keys.address, free.address));
      if (blocked > 0) return { kind: "blocked", wait: blocked };
      const delay = Math.min(maxDelay, 100 * Math.max(0, countOf(keys.user).count - free.user));
      for (const key of Object.values(keys)) add(key);
      return {
        kind: "allowed",
        delay,
        succeeded() {
          table.delete(keys.pair);
          takeBack(keys.address);
          takeBack(keys.user);
        },
      };
    },
  };
}
