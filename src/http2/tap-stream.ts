import type { ByteStream, ByteStreamHandlers } from "./byte-stream.ts";

/** The beginning of a stream, read piece by piece, before it is handed to whom it is for. */
export type Tap = {
  /** The next piece, which stays where it is; undefined when the peer closed. One at a time. @throws what the stream broke with */
  peek(): Promise<Uint8Array | undefined>;
  /** As `peek`, and takes it. */
  read(): Promise<Uint8Array | undefined>;
  /** The stream from here on, behind `first`: what was read and is not ours. Called once; nothing is read after it. */
  rest(first?: Uint8Array): ByteStream;
};

/** What may come before anybody reads it: nobody who waits for us to begin sends more than a few hundred bytes. */
const waitingLimit = 1024 * 1024;

/** Starts `stream`, and keeps what comes until somebody reads it. */
export function tapStream(stream: ByteStream): Tap {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let end: { readonly error: Error | undefined } | undefined;
  let wake: (() => void) | undefined;
  let handlers: ByteStreamHandlers | undefined;
  let hasEnded = false;

  stream.start({
    data(chunk) {
      if (end !== undefined) return;
      if (handlers !== undefined && waiting.length === 0) {
        handlers.data(chunk);
        return;
      }
      // A copy, as the chunk may be a view on a buffer that is used again; slice() of a Buffer is a view, too.
      waiting.push(new Uint8Array(chunk));
      waitingBytes += chunk.length;
      if (waitingBytes > waitingLimit) {
        end = { error: new Error("too much came before it was asked for") };
        stream.close();
      }
      wake?.();
    },
    drain: () => handlers?.drain(),
    end(error) {
      end ??= { error };
      wake?.();
      deliver();
    },
  });

  function take(): Uint8Array | undefined {
    const chunk = waiting.shift();
    waitingBytes -= chunk?.length ?? 0;
    return chunk;
  }

  /** What waits goes first. */
  function deliver(): void {
    if (handlers === undefined || hasEnded) return;
    for (let chunk = take(); chunk !== undefined; chunk = take()) handlers.data(chunk);
    if (end === undefined) return;
    hasEnded = true;
    handlers.end(end.error);
  }

  async function peek(): Promise<Uint8Array | undefined> {
    if (waiting.length === 0 && end === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
    if (waiting.length === 0 && end?.error !== undefined) throw end.error;
    return waiting[0];
  }

  return {
    peek,
    async read() {
      await peek();
      return take();
    },
    rest(first = new Uint8Array()) {
      if (first.length > 0) {
        waiting.unshift(first);
        waitingBytes += first.length;
      }
      return {
        start(given) {
          queueMicrotask(() => {
            handlers = given;
            deliver();
          });
        },
        write: (chunk) => stream.write(chunk),
        close: () => stream.close(),
      };
    },
  };
}
