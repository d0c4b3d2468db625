import { HiveError } from "../base/hive-error.ts";
import { acquireFileLock } from "../oci/file-lock.ts";
import { type DaemonPaths, makeDaemonDirectories } from "./daemon-paths.ts";

/** A download may be under way, of many megabytes. */
const usualPatience = 10 * 60_000;

/**
 * Who holds this alone starts and stops. Makes the directories.
 * @throws HiveError "failed" when another process holds it for too long; the signal's reason
 */
export async function lockDaemon(
  paths: DaemonPaths,
  { signal, patience = usualPatience }: { signal?: AbortSignal; patience?: number } = {},
): Promise<Disposable> {
  await makeDaemonDirectories(paths);
  try {
    return await acquireFileLock(paths.lock, {
      timeout: patience,
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
  }
}
