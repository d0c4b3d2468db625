import { type MetadataChange, parseMetadataChange } from "./metadata-change.ts";

/** A change as a line of a journal: `<crc32> <json>\n`, the checksum in 8 hex digits, of the JSON's bytes. */
export function journalRecord(change: MetadataChange): Uint8Array {
  const json = Buffer.from(JSON.stringify(change));
  return Buffer.concat([Buffer.from(`${checksum(json)} `), json, newline]);
}

/** Reads a line without its end; undefined when it is damaged. */
export function parseJournalRecord(line: Uint8Array): MetadataChange | undefined {
  const json = line.subarray(9);
  if (Buffer.from(line.subarray(0, 9)).toString("latin1") !== `${checksum(json)} `) {
    return undefined;
  }
  try {
    return parseMetadataChange(Buffer.from(json).toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const newline = Buffer.from("\n");

function checksum(bytes: Uint8Array): string {
  return Bun.hash.crc32(bytes).toString(16).padStart(8, "0");
}
