import { HiveError } from "../../base/hive-error.ts";
import { toError } from "../../base/to-error.ts";
import type { SendingPace } from "../exchange.ts";
import type { OpenBlob } from "../open-registry.ts";

/** A blob to be uploaded, in one go or in pieces. It is opened again only where it can't be gone on with. */
export type UploadSource = {
  /** The bytes from `start` up to `end`. What an earlier stream has not brought to its end is given up. */
  stream(start: number, end: number, pace?: SendingPace): ReadableStream<Uint8Array>;
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

  return {
    stream(start, end, pace) {
      if (position !== start) close();
      position = undefined;
      const own = ++turn;
      let at = start;
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            if (own !== turn) throw new DOMException("It goes on elsewhere.", "AbortError");
            pace?.wanted();
            let chunk: Uint8Array;
            try {
              chunk = await nextChunk(at);
              if (own !== turn) return;
              if (end === size && chunk.byteLength > size - at) throw wrongSize("more", size);
            } catch (error) {
              if (own === turn) failure ??= toError(error);
              throw error;
            }
            rest = chunk.subarray(end - at);
            if (rest.byteLength > 0) chunk = chunk.subarray(0, end - at);
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
