import { createReadStream } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { errorMessage } from "../../base/error-message.ts";
import { HiveError } from "../../base/hive-error.ts";

const blockSize = 512;
/** Many times what a release has. */
const largest = 2 * 1024 * 1024 * 1024;
/** What can't run without these is no release. */
const required = ["buildkitd", "buildctl", "buildkit-runc"];

/**
 * Writes the programs of a release, which are its plain files `bin/<name>`, to the new directory `target`. Everything
 * else in the archive is passed over.
 * @throws HiveError "failed" for what is no such archive
 */
export async function unpackRelease(archive: string, target: string): Promise<void> {
  await mkdir(target, { mode: 0o700 });
  const found = new Set<string>();
  try {
    await pipeline(createReadStream(archive), createGunzip(), async (chunks) => {
      for await (const name of unpack(chunks as AsyncIterable<Buffer>, target)) found.add(name);
    });
  } catch (error) {
    throw notUnpacked(errorMessage(error), error);
  }
  const missing = required.filter((name) => !found.has(name));
  if (missing.length > 0) throw notUnpacked(`it has no bin/${missing.join(", no bin/")}`);
}

function notUnpacked(reason: string, cause?: unknown): HiveError {
  return new HiveError("failed", `Cannot unpack the release of BuildKit: ${reason}`, { cause });
}

/** Yields the names of what was written. {@link https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06} */
async function* unpack(chunks: AsyncIterable<Buffer>, target: string): AsyncGenerator<string> {
  const reader = createReader(chunks);
  for (;;) {
    const header = await reader.exactly(blockSize);
    // A block of zeros is the end.
    if (header[0] === 0) return;
    const { name, size, plain } = readHeader(header);
    const program = plain ? /^(?:\.\/)?bin\/([\w.-]+)$/.exec(name)?.[1] : undefined;
    const file = program === undefined ? undefined : await create(join(target, program));
    try {
      await reader.take(size, async (piece) => {
        await file?.writeFile(piece);
      });
    } finally {
      await file?.close();
    }
    await reader.take((blockSize - (size % blockSize)) % blockSize, async () => undefined);
    if (program !== undefined) yield program;
  }
}

async function create(path: string): Promise<FileHandle> {
  return await open(path, "wx", 0o755);
}

function readHeader(header: Buffer): { name: string; size: number; plain: boolean } {
  const text = (start: number, length: number): string =>
    header.toString("latin1", start, start + length).replace(/\0[^]*$/, "");
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  const [stated, size] = [text(148, 8), text(124, 12)].map((field) => Number.parseInt(field, 8));
  if (stated !== sum || size === undefined || !(size >= 0) || size > largest) {
    throw new Error("it is no tar archive");
  }
  const prefix = text(257, 5) === "ustar" ? text(345, 155) : "";
  const name = text(0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    size,
    plain: header[156] === 0x30 || header[156] === 0,
  };
}

type Reader = {
  exactly(length: number): Promise<Buffer>;
  take(length: number, use: (piece: Buffer) => Promise<void>): Promise<void>;
};

function createReader(chunks: AsyncIterable<Buffer>): Reader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let total = 0;
  async function take(length: number, use: (piece: Buffer) => Promise<void>): Promise<void> {
    let wanted = length;
    while (wanted > 0) {
      if (rest.byteLength === 0) {
        const next = await iterator.next();
        if (next.done === true) throw new Error("it ends early");
        rest = next.value;
        total += rest.byteLength;
        if (total > largest) throw new Error("it is too big");
      }
      const piece = rest.subarray(0, wanted);
      rest = rest.subarray(piece.byteLength);
      wanted -= piece.byteLength;
      if (piece.byteLength > 0) await use(piece);
    }
  }
  return {
    take,
    async exactly(length) {
      const pieces: Buffer[] = [];
      await take(length, async (piece) => void pieces.push(piece));
      return Buffer.concat(pieces);
    },
  };
}
