import { closeSync, fdatasync } from "node:fs";
import { promisify } from "node:util";

/** Brings a file to disk while it is still written, so that the last sync is short. */
export type BackgroundSync = {
  /** The file has `size` bytes by now. */
  grown(size: number): void;
  /** Resolves when all that was written is on disk. @throws the first error of any sync. */
  finish(): Promise<void>;
  /** Closes the file once no sync uses it. */
  close(): void;
};

// Bytes. Often enough that little is left for the end, seldom enough that small files are synced once.
const interval = 32 * 1024 * 1024;

const syncData = promisify(fdatasync);

/** Syncs the file that is open as `file`, which is its own from now on. */
export function createBackgroundSync(file: number): BackgroundSync {
  let started = 0;
  let running: Promise<void> | undefined;
  let failure: Error | undefined;
  return {
    grown(size) {
      if (running !== undefined || size - started < interval) return;
      started = size;
      running = syncData(file)
        // The system tells of a write that failed once; the sync after it succeeds.
        .catch((error: Error) => void (failure ??= error))
        .finally(() => (running = undefined));
    },
    async finish() {
      await running;
      if (failure !== undefined) throw failure;
      await syncData(file);
    },
    close() {
      if (running === undefined) closeSync(file);
      else void running.then(() => closeSync(file));
    },
  };
}
