import { closeSync, openSync, readSync } from "node:fs";
import { parseJournalRecord } from "./journal-record.ts";
import type { MetadataChange } from "./metadata-change.ts";
import { systemErrorCode } from "../../base/system-error.ts";

export type JournalContent = {
  readonly records: number;
  /** Lines that are no record, or one that this version does not know. */
  readonly damaged: number;
  /** Bytes up to the end of the last line. After it there may be a record that was being written. */
  readonly length: number;
};

/** Hands every change in the journal at `path` to `apply`, the oldest first. Undefined when there is no such file. */
export function readJournal(
  path: string,
  apply: (change: MetadataChange) => void,
): JournalContent | undefined {
  const file = tryOpen(path);
  if (file === undefined) return undefined;
  let records = 0;
  let damaged = 0;
  let length = 0;
  try {
    for (const line of lines(file)) {
      length += line.byteLength + 1;
      const change = parseJournalRecord(line);
      if (change === undefined) {
        damaged++;
      } else {
        records++;
        apply(change);
      }
    }
  } finally {
    closeSync(file);
  }
  return { records, damaged, length };
}

/** Whole lines, without their ends; each is valid until the next. */
function* lines(file: number): Generator<Uint8Array> {
  const chunk = Buffer.alloc(1024 * 1024);
  // A line that began in chunks before, in pieces.
  let begun: Uint8Array[] = [];
  for (;;) {
    const size = readSync(file, chunk, 0, chunk.byteLength, null);
    if (size === 0) return;
    let start = 0;
    for (;;) {
      const end = chunk.subarray(0, size).indexOf(0x0a, start);
      if (end < 0) break;
      const rest = chunk.subarray(start, end);
      yield begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
      begun = [];
      start = end + 1;
    }
    if (start < size) begun.push(Uint8Array.from(chunk.subarray(start, size)));
  }
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
