import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { acquireFileLock, lockOwner } from "../../oci/file-lock.ts";
import { isForeignOwner } from "../../oci/run-owner.ts";

// Milliseconds between two signs of life, and after how long without one the server in another container or on another
// host is taken for dead: it can't be asked for, and its restart must not wait long for itself.
const heartbeat = 4000;
const foreignLifetime = 15_000;

/**
 * Makes this process the only one that uses the store in `directory`, until disposed of. What `kill -9` left is no
 * obstacle: at once for a process of this host, after a quarter of a minute for one of another container.
 * @throws HiveError when another process uses it.
 */
export async function lockStore(directory: string): Promise<Disposable> {
  const path = join(directory, "lock");
  const owner = lockOwner(path);
  const canAsk = owner !== undefined && !isForeignOwner(owner);
  const lock = await acquireFileLock(path, {
    // Even a server that is just being replaced gets a moment to end.
    timeout: canAsk ? 1000 : foreignLifetime + heartbeat,
    foreignLifetime,
    held: (holder) =>
      new HiveError("failed", `Cannot use the store "${directory}": ${holder} uses it`, {
        hint: "One server at a time can use a store: stop the other one, or give this one another directory.",
      }),
  });
  const timer = setInterval(() => {
    const now = new Date();
    // A missed sign of life is made up for by the next.
    void utimes(path, now, now).catch(() => undefined);
  }, heartbeat);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      lock[Symbol.dispose]();
    },
  };
}
