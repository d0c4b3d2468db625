import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { isMissingFile } from "./system-error.ts";
import { fileSize } from "./file-size.ts";

const pieceSize = 64 * 1024;
const interval = 200;

/**
 * The last `lines` lines of a text file, none of before byte `from`, and where it ended; nothing when there is no such
 * file. Reads no more of it than it needs.
 */
export async function readTail(
  path: string,
  lines: number,
  from = 0,
): Promise<{ text: string; end: number }> {
  let file;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (isMissingFile(error)) return { text: "", end: 0 };
    throw error;
  }
  try {
    const { size } = await file.stat();
    let start = size;
    let bytes = Buffer.alloc(0);
    while (start > from && countLines(bytes) <= lines) {
      const length = Math.min(pieceSize, start - from);
      start -= length;
      const piece = Buffer.alloc(length);
      await file.read(piece, 0, length, start);
      bytes = Buffer.concat([piece, bytes]);
    }
    const all = bytes.toString("utf8").split("\n");
    const complete = all.at(-1) === "" ? all.slice(0, -1) : all;
    const wanted = lines === 0 ? [] : complete.slice(-lines);
    return { text: wanted.map((line) => `${line}\n`).join(""), end: size };
  } finally {
    await file.close();
  }
}

/** What is added to a file from byte `start` on, until `signal` aborts. A file that was put aside is begun anew. */
export async function* followFile(
  path: string,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let position = start;
  const decoder = new TextDecoder();
  while (!signal.aborted) {
    const size = await fileSize(path);
    if (size < position) position = 0;
    if (size > position) {
      const piece = await Bun.file(path)
        .slice(position, Math.min(size, position + pieceSize))
        .bytes();
      position += piece.byteLength;
      yield decoder.decode(piece, { stream: true });
      continue;
    }
    await delay(interval, undefined, { signal }).catch(() => undefined);
  }
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
