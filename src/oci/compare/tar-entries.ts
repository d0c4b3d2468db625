import type { ByteReader } from "./byte-reader.ts";

/** An entry of a layer, as its headers say. */
export type TarEntry = {
  /** Without a slash at its beginning or end. */
  readonly path: string;
  readonly type: string;
  /** Permission bits. */
  readonly mode: number;
  /** `uid:gid`. */
  readonly owner: string;
  /** Bytes of content, which follow in the stream. */
  readonly size: number;
  /** Seconds since 1970, as a decimal number. */
  readonly mtime: string;
  readonly link: string;
  /** What else extended headers have, as attributes: name -> value. */
  readonly more: ReadonlyMap<string, string>;
};

const blockSize = 512;
/** A header of a path or of attributes is never longer. */
const longestHeader = 1024 * 1024;

const types: Readonly<Record<string, string>> = {
  "": "file",
  "0": "file",
  "1": "hard link",
  "2": "symlink",
  "3": "character device",
  "4": "block device",
  "5": "directory",
  "6": "pipe",
};

/** Where a tar's content of `size` bytes ends, padding included. */
export function paddedSize(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}

/**
 * Reads the next entry's headers (ustar, pax, GNU's long names); the reader stands at its content then. Undefined at the end.
 * @throws SyntaxError when it is no tar
 * {@link https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06}
 */
export async function readTarEntry(reader: ByteReader): Promise<TarEntry | undefined> {
  const extended = new Map<string, string>();
  for (;;) {
    if ((await reader.peek()).length === 0) return undefined;
    const block = Buffer.from(await reader.read(blockSize));
    if (block.every((byte) => byte === 0)) return undefined;
    checkSum(block);
    const type = textOf(block, 156, 1);
    const size = numberOf(block, 124, 12);
    if (!["x", "g", "L", "K"].includes(type)) return entryOf(block, type, size, extended);
    if (size > longestHeader) throw new SyntaxError(`it has a header of ${size} bytes`);
    const content = Buffer.from(await reader.read(size));
    await reader.skip(paddedSize(size) - size);
    if (type === "L" || type === "K") {
      extended.set(type === "L" ? "path" : "linkpath", content.toString().replace(/\0.*$/s, ""));
    } else for (const [key, value] of paxRecords(content)) extended.set(key, value);
  }
}

function entryOf(
  block: Buffer,
  type: string,
  headerSize: number,
  extended: ReadonlyMap<string, string>,
): TarEntry {
  const prefix = textOf(block, 345, 155);
  const name = textOf(block, 0, 100);
  const isUstar = textOf(block, 257, 6).startsWith("ustar") && textOf(block, 257, 8) !== "ustar  ";
  const path = extended.get("path") ?? (isUstar && prefix !== "" ? `${prefix}/${name}` : name);
  const kind = types[type] ?? `type ${type}`;
  const more = new Map([...extended].filter(([key]) => !known.has(key)));
  if (type === "3" || type === "4") {
    more.set("device", `${numberOf(block, 329, 8)}:${numberOf(block, 337, 8)}`);
  }
  return {
    path: path.replace(/^(?:\.?\/)+|\/+$/g, ""),
    type: kind,
    mode: numberOf(block, 100, 8) & 0o7777,
    owner: [
      extended.get("uid") ?? numberOf(block, 108, 8),
      extended.get("gid") ?? numberOf(block, 116, 8),
    ].join(":"),
    size: kind === "file" ? Number(extended.get("size") ?? headerSize) : 0,
    mtime: extended.get("mtime") ?? String(numberOf(block, 136, 12)),
    link: extended.get("linkpath") ?? textOf(block, 157, 100),
    more,
  };
}

const known = new Set(["path", "linkpath", "size", "mtime", "uid", "gid", "atime", "ctime"]);

/** `<length> <key>=<value>\n`, again and again. */
function* paxRecords(content: Buffer): Generator<[key: string, value: string]> {
  for (let start = 0; start < content.length;) {
    const space = content.indexOf(0x20, start);
    const length = Number(content.toString("latin1", start, Math.max(space, start)));
    if (space === -1 || !(length > space - start)) {
      throw new SyntaxError("it has a broken extended header");
    }
    const record = content.toString("utf8", space + 1, start + length - 1);
    const equals = record.indexOf("=");
    yield [record.slice(0, equals), record.slice(equals + 1)];
    start += length;
  }
}

function checkSum(block: Buffer): void {
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (sum !== numberOf(block, 148, 8)) throw new SyntaxError("it is no tar archive");
}

function textOf(block: Buffer, start: number, length: number): string {
  return block.toString("utf8", start, start + length).replace(/\0.*$/s, "");
}

/** Octal digits, or with the highest bit set, as GNU does, a binary number. */
function numberOf(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if ((first & 0x80) === 0) return Number.parseInt(textOf(block, start, length).trim() || "0", 8);
  let value = first & 0x7f;
  for (let at = start + 1; at < start + length; at++) value = value * 256 + (block[at] ?? 0);
  return value;
}
