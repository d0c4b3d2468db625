import { closeSync, constants, openSync, readSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { isMissingFile } from "../../base/system-error.ts";
import type { FileEntry } from "../file-tree.ts";

/** Bytes of a file in one message. Larger ones save little; smaller ones cost a message each. */
const chunkSize = 256 * 1024;

// Up to here a file is read in one call instead of open, read and close.
const smallFile = 64 * 1024;

/**
 * A file's bytes in pieces that may be kept; none for an empty file and for one that vanished since it was announced.
 * @throws the file system's error for a file that is there and can't be read.
 */
export async function* readChunks(entry: FileEntry): AsyncGenerator<Uint8Array> {
  const { content } = entry;
  if (content === undefined) return;
  if ("bytes" in content) yield* chunksOf(content.bytes);
  else if (entry.size <= smallFile) yield* smallFileChunks(content.path);
  else yield* largeFileChunks(content.path);
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkSize) {
    yield bytes.subarray(start, start + chunkSize);
  }
}

/** Milliseconds. What the kernel has in memory is read in far less. */
const quick = 1;
/** After a read that took longer so many are left to other threads. */
const restAfterSlow = 100;

/**
 * Reads small files at once, as long as that is quick: to wait for another thread takes longer than to read what is in
 * the kernel's memory. A slow disk or network is better asked for several files at a time, and must not stop all else.
 * The reader gives undefined for what `readChunks()` has to read, and no bytes for a file that vanished.
 */
export function createQuickReader(): (entry: FileEntry) => Uint8Array | undefined {
  let rest = 0;
  return ({ content, size }) => {
    if (content === undefined || "bytes" in content || size > smallFile) return undefined;
    if (rest > 0) {
      rest--;
      return undefined;
    }
    const start = performance.now();
    try {
      return readNow(content.path, size);
    } catch (error) {
      if (isMissingFile(error)) return new Uint8Array();
      throw error;
    } finally {
      if (performance.now() - start > quick) rest = restAfterSlow;
    }
  };
}

/** Undefined for a file that is longer than `size` by now. */
function readNow(path: string, size: number): Uint8Array | undefined {
  // A pipe that took the file's place would wait for a writer.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.allocUnsafe(size + 1);
    for (let length = 0; length < buffer.length;) {
      const count = readSync(file, buffer, length, buffer.length - length, null);
      if (count === 0) return buffer.subarray(0, length);
      length += count;
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}

async function* smallFileChunks(path: string): AsyncGenerator<Uint8Array> {
  const bytes = await orVanished(readFile(path));
  if (bytes !== undefined) yield* chunksOf(bytes);
}

async function* largeFileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await orVanished(open(path));
  if (file === undefined) return;
  try {
    for (;;) {
      // A buffer of its own for each chunk: the one before may still wait to be written.
      const buffer = Buffer.allocUnsafeSlow(chunkSize);
      const { bytesRead } = await file.read(buffer, 0, chunkSize);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function orVanished<T>(opened: Promise<T>): Promise<T | undefined> {
  try {
    return await opened;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
