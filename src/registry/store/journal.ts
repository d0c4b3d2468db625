import { rmSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { storageError } from "../../base/storage-error.ts";
import { syncDirectory } from "../../oci/sync-directory.ts";
import type { ChangeLog } from "./create-metadata-store.ts";
import { type JournalFile, openJournalFile } from "./journal-file.ts";
import { journalRecord } from "./journal-record.ts";
import type { MetadataChange } from "./metadata-change.ts";
import { createPause } from "./pause.ts";

/** `always`: what was acknowledged survives a power cut. `never`: it survives the end of the process, `kill -9` too. */
export type SyncPolicy = "always" | "never";

/** The changes of a store in one file, the oldest first. */
export type Journal = ChangeLog & {
  /** Records in the file. */
  readonly records: number;
  /**
   * Replaces the file by one that holds only `changes`, which make what is known now, and what is appended meanwhile.
   * The changes may be looked for while others are made: those come after them and are the same when made twice.
   * When it rejects, the old file is still the journal.
   */
  compact(changes: Iterable<MetadataChange>): Promise<void>;
  /** Waits for what is under way. */
  close(): Promise<void>;
};

type JournalOptions = {
  readonly path: string;
  readonly sync: SyncPolicy;
  /** Of the file as it is. */
  readonly records: number;
  readonly length: number;
};

type Waiter = {
  /** The file that was the journal when it began to wait. */
  readonly file: JournalFile;
  readonly undo: (() => void) | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
};

/** Where a compaction writes; what a killed one leaves is overwritten by the next. */
export function compactedPath(path: string): string {
  return `${path}.compacted`;
}

/** Goes on with the journal at `path` after its first `length` bytes; the file is made when `length` is 0. */
export function openJournal(options: JournalOptions): Journal {
  const { path, sync } = options;
  const directory = dirname(path);
  let file = openJournalFile(path, options.length);
  let records = options.records;
  // The file that is about to replace it: everything goes to both until it does.
  let next: JournalFile | undefined;
  let waiting: Waiter[] = [];
  let syncing: Promise<void> | undefined;
  let directoryIsDurable = false;
  let broken: HiveError | undefined;
  let failures = 0;
  let compacting: Promise<void> = Promise.resolve();
  const closing = new AbortController();

  const abandonNext = (): void => {
    next?.close();
    next = undefined;
  };

  /** One sync for all who wait, and another one for those who came meanwhile. */
  const syncAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const count = waiting.length;
      const current = file;
      try {
        await Promise.all([current.sync(), next?.sync().catch(abandonNext)]);
        if (!directoryIsDurable) await syncDirectory(directory);
        directoryIsDurable = true;
      } catch (error) {
        fail(storageError(error, path), current);
        continue;
      }
      for (const { resolve } of waiting.splice(0, count)) resolve();
    }
    syncing = undefined;
  };

  const fail = (error: Error, failed: JournalFile): void => {
    const undone = waiting;
    waiting = [];
    failures++;
    abandonNext();
    for (const { undo } of undone.toReversed()) undo?.();
    try {
      // The journal was replaced meanwhile: what is undone may already be durable in the new file.
      if (failed !== file || undone.some((waiter) => waiter.file !== file)) throw error;
      file.cutBack();
    } catch (cause) {
      broken = readOnly(path, cause);
    }
    for (const { reject } of undone) reject(error);
  };

  const compact = async (changes: Iterable<MetadataChange>): Promise<void> => {
    const temporary = compactedPath(path);
    const pause = createPause();
    const compacted = openJournalFile(temporary, 0);
    // From here on changes may be missing in what is written first, and are copied after it.
    let copied = file.length;
    const recordsBefore = records;
    const failuresBefore = failures;
    let written = 0;
    try {
      for (const change of changes) {
        compacted.append(journalRecord(change));
        written++;
        await pause.ifDue(closing.signal);
      }
      const source = file;
      const buffer = Buffer.alloc(64 * 1024);
      while (copied < source.length) {
        const size = source.read(buffer, copied);
        compacted.append(buffer.subarray(0, size));
        copied += size;
        // The last piece, and what follows, in one go: nothing is appended between.
        if (copied < source.length) await pause.ifDue(closing.signal);
      }
      next = compacted;
      if (sync === "always") await compacted.sync();
      // What it holds may have been undone since, or it could not take what was appended.
      if (next !== compacted || failures !== failuresBefore) {
        throw new Error("the new journal could not be kept up to date");
      }
      renameSync(temporary, path);
      next = undefined;
      file = compacted;
      records = written + (records - recordsBefore);
      directoryIsDurable = false;
      source.close();
    } catch (error) {
      if (next === compacted) next = undefined;
      compacted.close();
      rmSync(temporary, { force: true });
      throw storageError(error, path);
    }
    if (sync === "always") await log.settle();
  };

  const log: Journal = {
    get records() {
      return records;
    },
    append(change) {
      if (broken !== undefined) throw broken;
      const record = journalRecord(change);
      try {
        file.append(record);
      } catch (error) {
        throw storageError(error, path);
      }
      records++;
      try {
        next?.append(record);
      } catch {
        abandonNext();
      }
    },
    settle(undo) {
      if (broken !== undefined && undo === undefined) return Promise.reject(broken);
      if (sync === "never") return Promise.resolve();
      if (undo === undefined && file.durable === file.length && directoryIsDurable) {
        return Promise.resolve();
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.push({ file, undo, resolve, reject });
      syncing ??= syncAll();
      return promise;
    },
    async compact(changes) {
      await compacting;
      const done = compact(changes);
      compacting = done.catch(() => undefined);
      await done;
    },
    async close() {
      closing.abort();
      await compacting;
      await syncing;
      file.close();
    },
  };
  return log;
}

function readOnly(path: string, cause: unknown): HiveError {
  return new HiveError(
    "failed",
    `Cannot write to "${path}": an earlier write failed and could not be taken back`,
    { cause, hint: "Check the disk, then restart the registry; until then it only reads." },
  );
}
