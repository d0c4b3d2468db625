import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { isMissingFile } from "../../base/system-error.ts";
import { fileSize } from "../../base/file-size.ts";

type RotatingFileOptions = {
  readonly path: string;
  /** Bytes from which on the file is put aside. Default: 64 MiB. */
  readonly maxSize?: number;
  /** Files that are kept besides the current one, `<path>.1` being the newest. Default: 5. */
  readonly keep?: number;
};

/**
 * Appends text to a file, and puts the file aside when it is big. Opened anew for each piece: so a file that somebody
 * else moved away, as logrotate does, is simply begun again.
 * What can't be written whole is taken back, so that no line is torn.
 */
export function createRotatingFile(options: RotatingFileOptions): (text: string) => Promise<void> {
  const { path, maxSize = 64 * 1024 * 1024, keep = 5 } = options;
  return async (text) => {
    const bytes = Buffer.from(text);
    const size = await fileSize(path);
    if (size > 0 && size + bytes.byteLength > maxSize) await rotate(path, keep);
    // Names and addresses of users are in it.
    const file = await open(path, "a", 0o640);
    try {
      await append(file, bytes);
    } finally {
      await file.close();
    }
  };
}

async function append(file: FileHandle, bytes: Uint8Array): Promise<void> {
  const { size } = await file.stat();
  try {
    let done = 0;
    while (done < bytes.byteLength) done += (await file.write(bytes, done)).bytesWritten;
  } catch (error) {
    await file.truncate(size).catch(() => undefined);
    throw error;
  }
}

async function rotate(path: string, keep: number): Promise<void> {
  if (keep === 0) return await rm(path, { force: true });
  for (let number = keep - 1; number >= 0; number--) {
    const from = number === 0 ? path : `${path}.${number}`;
    try {
      await rename(from, `${path}.${number + 1}`);
    } catch (error) {
      if (!isMissingFile(error)) throw error;
    }
  }
}
