import { closeSync, openSync, read as readFile } from "node:fs";
import { promisify } from "node:util";
import { toError } from "../../base/to-error.ts";
import { type BlobWriter, ContentMismatch } from "../../oci/blob-store.ts";

/** A blob that is being fetched into the store, and read along while it comes. */
export type BlobDownload = {
  /** Bytes of the whole; undefined where the upstream does not say. */
  readonly size: number | undefined;
  /** Resolves once there is enough to begin with, or all of it; rejects when it failed before. */
  readonly begun: Promise<void>;
  /**
   * The bytes from `start` up to, not including, `end` (default: all), each as soon as it is there. Not to be begun when the
   * download has ended: the store has the blob then.
   */
  read(start?: number, end?: number): ReadableStream<Uint8Array>;
};

type BlobDownloadOptions = {
  readonly size: number | undefined;
  readonly content: ReadableStream<Uint8Array>;
  readonly writer: BlobWriter;
  /** Makes what was written a blob of the store, once it is verified. */
  readonly commit: () => Promise<void>;
  /** Told of every piece that came. */
  readonly onBytes: (count: number) => void;
  /** Milliseconds for which a download goes on that nobody reads any more. */
  readonly linger: number;
  /** Milliseconds that it has after that where it is nearly done. */
  readonly finish: number;
  /** Ends it. */
  readonly stop: (reason: Error) => void;
};

const readAt = promisify(readFile);

/** One piece that a reader gets. */
const pieceSize = 256 * 1024;
/** Small blobs are answered when they are whole: what goes wrong can still be said then. */
const worthBeginning = 64 * 1024;
/** With no more left than this, or than has come already, a download is finished for whoever comes next. */
const nearlyDone = 16 * 1024 * 1024;

/**
 * Writes a blob to the store as fast as it comes. Readers take it from the file, each at its own pace, so none holds up the
 * others, and nothing is kept in memory. The last byte is held back until everything is verified: nobody gets a whole
 * blob that is wrong.
 * @returns the download, and when it has ended; that rejects with what it failed of
 */
export function startDownload(options: BlobDownloadOptions): {
  readonly download: BlobDownload;
  readonly ended: Promise<void>;
} {
  const { size, content, writer, commit, onBytes, linger, finish, stop } = options;
  let state: "running" | "done" | "failed" = "running";
  let failure: Error | undefined;
  let readers = 0;
  // Open from the first byte on, as the file is moved at the end, until everybody has read it.
  let file: number | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let moved = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  // Perhaps nobody waits.
  begun.promise.catch(() => undefined);
  const move = (): void => {
    moved.resolve();
    moved = Promise.withResolvers<void>();
  };

  async function run(): Promise<void> {
    try {
      for await (const chunk of content) {
        writer.write(chunk);
        // Not as much as comes, whatever that is: it is wrong already.
        if (size !== undefined && writer.size > size) {
          throw new ContentMismatch(`Expected ${size} bytes, got more`);
        }
        file ??= openSync(writer.path, "r");
        onBytes(chunk.byteLength);
        move();
        if (writer.size >= worthBeginning) begin();
      }
      await commit();
      state = "done";
      begin();
    } catch (error) {
      state = "failed";
      failure = toError(error);
      begun.reject(error);
      throw error;
    } finally {
      clearTimeout(idle);
      move();
      closeUnread();
    }
  }

  const closeUnread = (): void => {
    if (readers > 0 || state === "running" || file === undefined) return;
    closeSync(file);
    file = undefined;
  };
  const giveUp = (): void => {
    if (readers > 0 || state !== "running") return;
    stop(new DOMException("nobody reads it any more", "AbortError"));
  };
  const endIfUnread = (): void => {
    if (readers > 0 || state !== "running") return;
    clearTimeout(idle);
    idle = setTimeout(() => {
      const left = size === undefined ? Number.POSITIVE_INFINITY : size - writer.size;
      // What drips would keep others from their turn for as long as it likes.
      if (left <= Math.max(nearlyDone, writer.size)) idle = setTimeout(giveUp, finish);
      else giveUp();
    }, linger);
  };
  let hasBegun = false;
  const begin = (): void => {
    if (!hasBegun) endIfUnread();
    hasBegun = true;
    begun.resolve();
  };
  const leave = (): void => {
    readers--;
    closeUnread();
    endIfUnread();
  };
  const available = (): number => (state === "done" ? writer.size : Math.max(writer.size - 1, 0));

  function read(start = 0, end = Number.POSITIVE_INFINITY): ReadableStream<Uint8Array> {
    readers++;
    clearTimeout(idle);
    const pieces = readPieces(start, end);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) leave();
      isOpen = false;
    };
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          try {
            const { done, value } = await pieces.next();
            if (done !== true) return controller.enqueue(value);
            close();
            controller.close();
          } catch (error) {
            close();
            controller.error(error);
          }
        },
        async cancel() {
          close();
          await pieces.return(undefined);
        },
      },
      { highWaterMark: 0 },
    );
  }

  async function* readPieces(start: number, end: number): AsyncGenerator<Uint8Array, undefined> {
    let position = start;
    while (position < end) {
      const ready = Math.min(available(), end);
      if (position < ready && file !== undefined) {
        const piece = new Uint8Array(Math.min(pieceSize, ready - position));
        const { bytesRead } = await readAt(file, piece, 0, piece.byteLength, position);
        if (bytesRead === 0) throw new Error("Internal error: a download lost bytes");
        position += bytesRead;
        yield piece.subarray(0, bytesRead);
      } else if (state === "done") {
        if (position >= writer.size) return undefined;
        throw new Error("Internal error: read after the end of a download");
      } else if (state === "failed") throw failure ?? new Error("the download failed");
      else await moved.promise;
    }
    return undefined;
  }

  return { download: { size, begun: begun.promise, read }, ended: run() };
}
