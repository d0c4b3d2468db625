import type { HeaderList } from "../header-list.ts";
import { staticTable } from "./static-table.ts";

const fieldIndexes = new Map<string, number>();
const nameIndexes = new Map<string, number>();
for (const [position, [name, value]] of staticTable.entries()) {
  fieldIndexes.set(`${name}\n${value}`, position + 1);
  if (!nameIndexes.has(name)) nameIndexes.set(name, position + 1);
}

// Writing a character above U+00FF as one octet could make a line break of it.
const unsendable = /[\0\r\n]|[^\0-\xff]/;

/**
 * Encodes a header block with the static table and plain literals (RFC 7541).
 * It starts by setting the dynamic table's size to 0. So the encoder has no state, blocks may be written in any order,
 * and no later SETTINGS_HEADER_TABLE_SIZE of the peer asks for anything.
 * Throws a RangeError for text that can't stand in a field: line breaks, NUL, characters above U+00FF.
 */
export function encodeHeaders(fields: HeaderList): Uint8Array {
  const out = Buffer.allocUnsafe(1 + maxEncodedSize(fields));
  out[0] = 0x20;
  let position = 1;
  for (const [name, value] of fields) {
    if (unsendable.test(name) || unsendable.test(value)) {
      throw new RangeError(`Cannot send header field ${JSON.stringify(name)}: invalid characters`);
    }
    const fieldIndex = fieldIndexes.get(`${name}\n${value}`);
    if (fieldIndex !== undefined) {
      position = writeInteger(out, position, 0x80, 7, fieldIndex);
      continue;
    }
    const nameIndex = nameIndexes.get(name) ?? 0;
    position = writeInteger(out, position, 0, 4, nameIndex);
    if (nameIndex === 0) position = writeString(out, position, name);
    position = writeString(out, position, value);
  }
  return out.subarray(0, position);
}

/** Three integers of at most 6 octets a field, besides the text. */
function maxEncodedSize(fields: HeaderList): number {
  let size = 0;
  for (const [name, value] of fields) size += name.length + value.length + 18;
  return size;
}

function writeString(out: Buffer, position: number, text: string): number {
  const start = writeInteger(out, position, 0, 7, text.length);
  return start + out.write(text, start, "latin1");
}

/** RFC 7541, section 5.1. */
function writeInteger(
  out: Buffer,
  position: number,
  pattern: number,
  prefixBits: number,
  value: number,
): number {
  const mask = (1 << prefixBits) - 1;
  if (value < mask) {
    out[position] = pattern | value;
    return position + 1;
  }
  out[position] = pattern | mask;
  let rest = value - mask;
  let next = position + 1;
  while (rest >= 0x80) {
    out[next++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[next++] = rest;
  return next;
}
