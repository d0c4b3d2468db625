import { open, readFile } from "node:fs/promises";
import type { FileEntry } from "../file-tree.ts";
import { dataHeadRoom, dataPacket } from "./packet.ts";

/** Bytes of a file in one packet. Larger ones save little; smaller ones cost a message each. */
const chunkSize = 256 * 1024;

// Up to here a file is read in one call instead of open, read and close.
const smallFile = 64 * 1024;

/**
 * A file's bytes as data packets; none for an empty file and for one that vanished since it was announced.
 * @throws the file system's error for a file that is there and can't be read.
 */
export async function* readPackets(entry: FileEntry, id: number): AsyncGenerator<Uint8Array> {
  const { content } = entry;
  if (content === undefined) return;
  if ("bytes" in content) yield* bytesPackets(content.bytes, id);
  else if (entry.size <= smallFile) yield* smallFilePackets(content.path, id);
  else yield* largeFilePackets(content.path, id);
}

function* bytesPackets(bytes: Uint8Array, id: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkSize) {
    const chunk = bytes.subarray(start, start + chunkSize);
    const buffer = new Uint8Array(dataHeadRoom + chunk.length);
    buffer.set(chunk, dataHeadRoom);
    yield dataPacket(buffer, chunk.length, id);
  }
}

async function* smallFilePackets(path: string, id: number): AsyncGenerator<Uint8Array> {
  const bytes = await orVanished(readFile(path));
  if (bytes !== undefined) yield* bytesPackets(bytes, id);
}

async function* largeFilePackets(path: string, id: number): AsyncGenerator<Uint8Array> {
  const file = await orVanished(open(path));
  if (file === undefined) return;
  try {
    for (;;) {
      // A buffer of its own for each chunk: the one before may still wait to be written.
      const buffer = Buffer.allocUnsafeSlow(dataHeadRoom + chunkSize);
      const { bytesRead } = await file.read(buffer, dataHeadRoom, chunkSize);
      if (bytesRead === 0) return;
      yield dataPacket(buffer, bytesRead, id);
    }
  } finally {
    await file.close();
  }
}

async function orVanished<T>(opened: Promise<T>): Promise<T | undefined> {
  try {
    return await opened;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
