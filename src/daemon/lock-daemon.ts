import { HiveError } from "../base/hive-error.ts";
import { acquireFileLock, lockOwner } from "../oci/file-lock.ts";
import { ownerPid } from "../oci/run-owner.ts";
import { type DaemonPaths, makeDaemonDirectories } from "./daemon-paths.ts";

/** A download may be under way, of many megabytes. */
const usualLimit = 10 * 60_000;

/** Milliseconds after which it is said who is waited for. */
const patience = 1_000;

type LockOptions = {
  readonly signal?: AbortSignal;
  /** Milliseconds to wait at most. */
  readonly limit?: number;
  readonly say?: (text: string) => void;
};

/**
 * Who holds this alone starts and stops. Makes the directories.
 * @throws HiveError "failed" when another process holds it for too long; the signal's reason
 */
export async function lockDaemon(
  paths: DaemonPaths,
  { signal, limit = usualLimit, say }: LockOptions = {},
): Promise<Disposable> {
  await makeDaemonDirectories(paths);
  const notice = setTimeout(() => {
    const owner = lockOwner(paths.lock);
    const who = owner === undefined ? "another process" : `process ${ownerPid(owner)}`;
    say?.(`Waiting for ${who}, which starts or stops BuildKit`);
  }, patience);
  try {
    return await acquireFileLock(paths.lock, {
      timeout: limit,
      foreignLifetime: usualLimit,
      ...(signal === undefined ? {} : { signal }),
      held: (holder) =>
        new HiveError(
          "failed",
          `Cannot start or stop BuildKit: ${holder} has been at it for long`,
          {
            hint: "Wait for it, or end it.",
          },
        ),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(notice);
  }
}
