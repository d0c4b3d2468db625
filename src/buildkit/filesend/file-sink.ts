import { open as openCallback, write as writeCallback } from "node:fs";
import { promisify } from "node:util";
import { createBackgroundSync } from "../../oci/background-sync.ts";

/** A file that is written while more comes: bytes are copied, and few are held. */
export type FileSink = {
  /** Takes all of `bytes`, which may change afterwards. False: write no more until `onDrain`. */
  write(bytes: Uint8Array): boolean;
  onDrain: () => void;
  /** The file can't be written; comes once at most, and `finish` throws the same. */
  onFailure: (error: unknown) => void;
  /** Resolves when all is on disk. */
  finish(): Promise<void>;
  /** Safe at any time; waits for what is being written. */
  close(): Promise<void>;
};

const open = promisify(openCallback);

const bufferSize = 1024 * 1024;
/** Bytes that wait: enough that a disk and a sender seldom wait for each other. */
const highWaterMark = 4 * bufferSize;

type Filled = { readonly buffer: Uint8Array; length: number };

/** Creates the file at `path`, which must not exist. */
export async function createFileSink(path: string): Promise<FileSink> {
  const file = await open(path, "wx", 0o644);
  const sync = createBackgroundSync(file);
  const queue: Filled[] = [];
  const spare: Uint8Array[] = [];
  let filling: Filled | undefined;
  let queued = 0;
  let written = 0;
  let isBlocked = false;
  let isClosed = false;
  let running: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  const sink: FileSink = {
    onDrain: () => {},
    onFailure: () => {},
    write(bytes) {
      if (failure !== undefined || isClosed) return true;
      let rest = bytes;
      while (rest.length > 0) {
        filling ??= { buffer: spare.pop() ?? new Uint8Array(bufferSize), length: 0 };
        const part = rest.subarray(0, bufferSize - filling.length);
        filling.buffer.set(part, filling.length);
        filling.length += part.length;
        if (filling.length === bufferSize) enqueue();
        rest = rest.subarray(part.length);
      }
      isBlocked ||= queued >= highWaterMark;
      return !isBlocked;
    },
    async finish() {
      enqueue();
      await running;
      if (failure !== undefined) throw failure.error;
      await sync.finish();
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      queue.length = 0;
      await running;
      sync.close();
    },
  };

  function enqueue(): void {
    if (filling === undefined) return;
    queue.push(filling);
    queued += filling.length;
    filling = undefined;
    running ??= work();
  }

  async function work(): Promise<void> {
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        for (let done = 0; done < next.length;) {
          done += await writeAt(file, next.buffer.subarray(done, next.length), written + done);
        }
        written += next.length;
        queued -= next.length;
        spare.push(next.buffer);
        sync.grown(written);
        if (isBlocked && queued <= highWaterMark / 2) {
          isBlocked = false;
          sink.onDrain();
        }
      }
    } catch (error) {
      failure = { error };
      queue.length = 0;
      sink.onFailure(error);
    } finally {
      running = undefined;
    }
  }

  return sink;
}

function writeAt(file: number, bytes: Uint8Array, position: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  writeCallback(file, bytes, 0, bytes.length, position, (error, count) => {
    if (error === null) resolve(count);
    else reject(error);
  });
  return promise;
}
