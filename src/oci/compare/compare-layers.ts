import { type ByteReader, createByteReader } from "./byte-reader.ts";
import { paddedSize, readTarEntry, type TarEntry } from "./tar-entries.ts";

/** The first entry in which two layers differ. */
export type EntryDifference = {
  /** Absolute path in the image. */
  readonly path: string;
  /** `content`, `mode`, `owner`, `mtime`, `link`, `type`, `order`, `missing`, or an attribute's name. */
  readonly what: string;
  /** What the first and the second layer have there, for people. */
  readonly first: string;
  readonly second: string;
  /** Of content: the first byte that differs, from 0. */
  readonly offset?: number;
};

export type CompareOptions = {
  /** Whether times count: of files, and of steps. Default: they do. */
  readonly times?: boolean;
};

/**
 * Reads two tars side by side up to the first difference; of neither more than a piece is held. Undefined when all
 * entries are the same.
 * @throws SyntaxError when one is no tar, and what the streams throw
 */
export async function compareLayers(
  first: AsyncIterable<Uint8Array>,
  second: AsyncIterable<Uint8Array>,
  { times = true }: CompareOptions = {},
): Promise<EntryDifference | undefined> {
  const readers = [createByteReader(first), createByteReader(second)] as const;
  for (;;) {
    const [a, b] = await Promise.all([readTarEntry(readers[0]), readTarEntry(readers[1])]);
    if (a === undefined && b === undefined) return undefined;
    if (a?.path !== b?.path) return await whichIsMissing(readers, a, b);
    if (a === undefined || b === undefined) continue;
    const [one, other] = times
      ? [a, b]
      : [
          { ...a, mtime: "" },
          { ...b, mtime: "" },
        ];
    const found = headerDifference(one, other) ?? (await contentDifference(readers, one, other));
    if (found !== undefined) return { path: `/${a.path}`, ...found };
  }
}

type Found = Omit<EntryDifference, "path">;

function headerDifference(a: TarEntry, b: TarEntry): Found | undefined {
  const fields = [
    ["type", a.type, b.type],
    ["link", a.link, b.link],
    ["mode", formatMode(a.mode), formatMode(b.mode)],
    ["owner", a.owner, b.owner],
    ...[...new Set([...a.more.keys(), ...b.more.keys()])].map((name) => [
      name,
      a.more.get(name) ?? "none",
      b.more.get(name) ?? "none",
    ]),
    // Files whose content differs mostly differ in it, too: that is the more interesting one.
    ...(a.type !== "file" ? [["mtime", a.mtime, b.mtime]] : []),
  ];
  for (const [what = "", first = "", second = ""] of fields) {
    if (first !== second) return { what, first, second };
  }
  return undefined;
}

async function contentDifference(
  readers: readonly [ByteReader, ByteReader],
  a: TarEntry,
  b: TarEntry,
): Promise<Found | undefined> {
  const common = Math.min(a.size, b.size);
  const sizes = { first: `${a.size} bytes`, second: `${b.size} bytes` };
  for (let offset = 0; offset < common;) {
    const [one, other] = await Promise.all([readers[0].peek(), readers[1].peek()]);
    const length = Math.min(one.length, other.length, common - offset);
    if (length === 0) throw new SyntaxError("it ends within a file");
    const at = firstDifferingByte(one.subarray(0, length), other.subarray(0, length));
    if (at !== undefined) return { what: "content", ...sizes, offset: offset + at };
    for (const reader of readers) reader.take(length);
    offset += length;
  }
  if (a.size !== b.size) return { what: "content", ...sizes, offset: common };
  for (const reader of readers) await reader.skip(paddedSize(a.size) - a.size);
  return a.mtime === b.mtime ? undefined : { what: "mtime", first: a.mtime, second: b.mtime };
}

function firstDifferingByte(one: Uint8Array, other: Uint8Array): number | undefined {
  if (Buffer.compare(one, other) === 0) return undefined;
  return one.findIndex((byte, at) => byte !== other[at]);
}

/** The paths differ: one layer lacks an entry, or they have them in another order. */
async function whichIsMissing(
  readers: readonly [ByteReader, ByteReader],
  a: TarEntry | undefined,
  b: TarEntry | undefined,
): Promise<EntryDifference> {
  const [inFirst, inSecond] = await Promise.all([
    pathsFrom(readers[0], a),
    pathsFrom(readers[1], b),
  ]);
  if (a !== undefined && !inSecond.has(a.path)) {
    return { path: `/${a.path}`, what: "missing", first: a.type, second: "missing" };
  }
  if (b !== undefined && !inFirst.has(b.path)) {
    return { path: `/${b.path}`, what: "missing", first: "missing", second: b.type };
  }
  const place = (entry: TarEntry | undefined) => `/${entry?.path ?? ""}`;
  return { path: place(a ?? b), what: "order", first: place(a), second: place(b) };
}

/** The path of `entry` and all after it. */
async function pathsFrom(reader: ByteReader, entry: TarEntry | undefined): Promise<Set<string>> {
  const paths = new Set<string>();
  for (let next = entry; next !== undefined; next = await readTarEntry(reader)) {
    paths.add(next.path);
    await reader.skip(paddedSize(next.size));
  }
  return paths;
}

function formatMode(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
