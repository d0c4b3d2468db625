import { closeSync, fdatasync, ftruncateSync, openSync, readSync } from "node:fs";
import { promisify } from "node:util";
import { writeAll } from "../../base/write-all.ts";

/** A file that only grows, by whole records. */
export type JournalFile = {
  /** Bytes of whole records. */
  readonly length: number;
  /** Bytes that a power cut leaves. */
  readonly durable: number;
  /** Adds all of `bytes` or, when it throws an error of the system, nothing. */
  append(bytes: Uint8Array): void;
  /** Copies what is from `position` on into `buffer`; the number of bytes. */
  read(buffer: Uint8Array, position: number): number;
  sync(): Promise<void>;
  /** Takes back what is not durable. */
  cutBack(): void;
  /** Once nothing is being synced any more. Safe to call twice. */
  close(): void;
};

const dataSync = promisify(fdatasync);

/** Opens the journal at `path` for more records after its first `length` bytes; the rest is cut off. Makes the file. */
export function openJournalFile(path: string, length: number): JournalFile {
  const file = openSync(path, length === 0 ? "w+" : "r+", 0o644);
  let end = length;
  let durable = 0;
  let syncing = 0;
  let closing = false;
  let closed = false;
  // Whether there may be bytes after the last record, which must go before the next one.
  let torn = true;

  const trim = (): void => {
    if (!torn) return;
    ftruncateSync(file, end);
    torn = false;
  };
  const closeWhenIdle = (): void => {
    if (!closing || closed || syncing > 0) return;
    closed = true;
    closeSync(file);
  };
  trim();
  return {
    get length() {
      return end;
    },
    get durable() {
      return durable;
    },
    append(bytes) {
      trim();
      torn = true;
      try {
        writeAll(file, bytes, end);
      } catch (error) {
        try {
          trim();
        } catch {
          // Tried again before the next record, which fails if this does.
        }
        throw error;
      }
      torn = false;
      end += bytes.byteLength;
    },
    read: (buffer, position) =>
      readSync(file, buffer, 0, Math.min(buffer.byteLength, end - position), position),
    async sync() {
      const synced = end;
      syncing++;
      try {
        await dataSync(file);
      } finally {
        syncing--;
        closeWhenIdle();
      }
      durable = Math.max(durable, synced);
    },
    cutBack() {
      end = durable;
      torn = true;
      trim();
    },
    close() {
      closing = true;
      closeWhenIdle();
    },
  };
}
