import { HiveError } from "../../base/hive-error.ts";
import { toError } from "../../base/to-error.ts";
import type { SendingPace } from "../exchange.ts";
import type { OpenBlob } from "../open-registry.ts";

/** A blob to be uploaded, in one go or in pieces. It is opened again only where it can't be gone on with. */
export type UploadSource = {
  /** The bytes from `start` up to `end`. What an earlier stream has not brought to its end is given up. */
  stream(start: number, end: number, pace?: SendingPace): ReadableStream<Uint8Array>;
  /** The same in memory. */
  bytes(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** What is wrong with the source itself, in whatever way that came to be known. */
  failure(): Error | undefined;
  close(): void;
};

type BlobReader = {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
};

/**
 * @param size of the blob; a source that has less or more fails
 * @param onBytes told how far it was read each time
 */
export function createUploadSource(
  open: OpenBlob,
  size: number,
  onBytes: (position: number) => void = () => {},
): UploadSource {
  let reader: BlobReader | undefined;
  let rest: Uint8Array = new Uint8Array();
  /** Where the reader stands, but for `rest`; undefined while a stream is under way. */
  let position: number | undefined;
  let turn = 0;
  let failure: Error | undefined;

  function close(): void {
    reader?.cancel().catch(() => undefined);
    reader = undefined;
    position = undefined;
    rest = new Uint8Array();
  }

  async function nextChunk(start: number): Promise<Uint8Array> {
    const from = (reader ??= readerOf(open(start)));
    let chunk = rest;
    while (chunk.byteLength === 0) {
      const { done, value } = await from.read();
      if (done || value === undefined) throw wrongSize("less", size);
      chunk = value;
    }
    return chunk;
  }

  function begin(start: number): number {
    if (position !== start) close();
    position = undefined;
    return ++turn;
  }

  /** The next bytes from `at` on, at most up to `end`; undefined for who was given up meanwhile. */
  async function take(own: number, at: number, end: number): Promise<Uint8Array | undefined> {
    if (own !== turn) throw new DOMException("It goes on elsewhere.", "AbortError");
    try {
      const chunk = await nextChunk(at);
      if (own !== turn) return undefined;
      if (end === size && chunk.byteLength > size - at) throw wrongSize("more", size);
      rest = chunk.subarray(end - at);
      return rest.byteLength > 0 ? chunk.subarray(0, end - at) : chunk;
    } catch (error) {
      if (own === turn) failure ??= toError(error);
      throw error;
    }
  }

  return {
    stream(start, end, pace) {
      const own = begin(start);
      let at = start;
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            pace?.wanted();
            const chunk = await take(own, at, end);
            if (chunk === undefined) return;
            at += chunk.byteLength;
            controller.enqueue(chunk);
            onBytes(at);
            if (at < end) {
              pace?.handedOver();
              return;
            }
            position = at;
            controller.close();
            pace?.ended();
          },
          cancel() {
            if (own !== turn) return;
            turn++;
            close();
          },
        },
        { highWaterMark: 0 },
      );
    },
    async bytes(start, end) {
      const bytes = new Uint8Array(end - start);
      if (bytes.byteLength === 0) return bytes;
      const own = begin(start);
      let at = start;
      while (at < end) {
        const chunk = await take(own, at, end);
        bytes.set(chunk ?? [], at - start);
        at += chunk?.byteLength ?? 0;
        onBytes(at);
      }
      position = at;
      return bytes;
    },
    failure: () => failure,
    close() {
      turn++;
      close();
    },
  };
}

function readerOf(content: Blob | ReadableStream<Uint8Array>): BlobReader {
  return (content instanceof Blob ? content.stream() : content).getReader();
}

function wrongSize(what: "less" | "more", size: number): HiveError {
  return new HiveError("failed", `What is to be uploaded has ${what} than ${size} bytes`, {
    hint: "It changed meanwhile, or its descriptor is wrong.",
  });
}
