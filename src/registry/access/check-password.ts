import { createHmac, randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Semaphore } from "../../base/semaphore.ts";
import { RegistryError } from "../registry-error.ts";
import { BoundedMap } from "./bounded-map.ts";
import { createGuessLimiter } from "./guess-limiter.ts";
import type { User, Users } from "./parse-users.ts";

/** Finds the user whose password this is; undefined for a wrong name or password. */
export type CheckPassword = (
  users: Users,
  name: string,
  password: string,
  address: string,
) => Promise<User | undefined>;

/** Passwords checked at the same time: bcrypt takes a whole core, and transfers want some, too. */
const atOnce = Math.max(1, Math.floor(navigator.hardwareConcurrency / 2));
const maxWaiting = 256;
const remembered = 1000;
/** bcrypt looks at no more bytes than that. */
export const maxPasswordBytes = 72;

/**
 * bcrypt off the main thread, at a bounded rate. What was right is remembered until the user's entry changes, so a push
 * of hundreds of requests computes it once. An unknown name takes as long as a wrong password.
 * What it returns throws RegistryError 429 to who fails too often, and when too many wait.
 */
export function createPasswordCheck(): CheckPassword {
  const limiter = createGuessLimiter();
  // Only in memory, and different at every start: nobody can try passwords on what is remembered.
  const secret = randomBytes(32);
  const right = new BoundedMap<string, true>(remembered);
  const running = new Map<string, Promise<boolean>>();
  const permits = new Semaphore(atOnce);

  const check = async (hash: string, password: string, wait: number): Promise<boolean> => {
    if (wait > 0) await delay(wait);
    using _permit = await permits.acquire();
    return await isRight(password, hash);
  };

  return async (users, name, password, address) => {
    const user = users.get(name);
    const key = createHmac("sha256", secret)
      .update(JSON.stringify([name, password, user?.entry ?? ""]))
      .digest("base64");
    if (user !== undefined && right.get(key)) return user;
    // Clients send several requests at once before the first is answered.
    const place = `${key} ${address}`;
    const same = running.get(place);
    if (same !== undefined) return (await same) ? user : undefined;

    const attempt = limiter.begin(address, shortName(name));
    if (attempt.kind === "blocked") throw tryLater("too many wrong passwords", attempt.wait);
    if (running.size >= maxWaiting) throw tryLater("too many passwords to check", 1000);
    const result = check(user?.hash ?? costliestHash(users), password, attempt.delay);
    running.set(place, result);
    try {
      if (!(await result) || user === undefined) return undefined;
      right.set(key, true);
      attempt.succeeded();
      return user;
    } finally {
      running.delete(place);
    }
  };
}

/** `wait` is in milliseconds. */
function tryLater(message: string, wait: number): RegistryError {
  const seconds = Math.max(1, Math.ceil(wait / 1000));
  return new RegistryError(429, "TOOMANYREQUESTS", message, { "Retry-After": `${seconds}` });
}

async function isRight(password: string, hash: string): Promise<boolean> {
  // Bun hashes a longer one first, other tools cut it off: nobody has one.
  const possible = password !== "" && Buffer.byteLength(password) <= maxPasswordBytes;
  try {
    // Also when it is not possible, for the time it takes.
    return (await Bun.password.verify(password, hash, "bcrypt")) && possible;
  } catch {
    // A hash that only looks like one.
    return false;
  }
}

/** What an unknown name is checked against, in vain. */
function costliestHash(users: Users): string {
  let costliest = "";
  for (const { hash } of users.values()) {
    // The cost stands there with two digits.
    if (hash.slice(4, 6) > costliest.slice(4, 6)) costliest = hash;
  }
  return costliest;
}

/** No user's name is longer; a guesser's shall not fill the memory. */
function shortName(name: string): string {
  return name.slice(0, 256);
}
