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

/** What may wait to be read; the peer is held up above that. */
const waitingLimit = 64 * 1024;

/** Starts `stream`, and keeps what comes until somebody reads it. */
export function tapStream(stream: ByteStream): Tap {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let isHeldUp = false;
  let end: { readonly error: Error | undefined } | undefined;
  let wake: (() => void) | undefined;
  let handlers: ByteStreamHandlers | undefined;
  let isPaused = false;
  let hasEnded = false;

  stream.start({
    data(chunk) {
      if (handlers !== undefined && waiting.length === 0 && !isPaused) {
        handlers.data(chunk);
        return;
      }
      // The chunk may be a view on a buffer that is used again.
      waiting.push(chunk.slice());
      waitingBytes += chunk.length;
      if (waitingBytes > waitingLimit) holdUp();
      wake?.();
    },
    drain: () => handlers?.drain(),
    end(error) {
      end = { error };
      wake?.();
      deliver();
    },
  });

  function holdUp(): void {
    if (!isHeldUp) stream.pause();
    isHeldUp = true;
  }

  function letCome(): void {
    if (isHeldUp) stream.resume();
    isHeldUp = false;
  }

  function take(): Uint8Array | undefined {
    const chunk = waiting.shift();
    waitingBytes -= chunk?.length ?? 0;
    return chunk;
  }

  /** What waits goes first, as far as nobody pauses. */
  function deliver(): void {
    if (handlers === undefined || hasEnded) return;
    for (;;) {
      const chunk = isPaused ? undefined : take();
      if (chunk === undefined) break;
      handlers.data(chunk);
    }
    if (waiting.length > 0) return;
    if (end !== undefined) {
      hasEnded = true;
      handlers.end(end.error);
    } else if (!isPaused) letCome();
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
      const chunk = take();
      if (waiting.length === 0) letCome();
      return chunk;
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
        pause() {
          isPaused = true;
          holdUp();
        },
        resume() {
          isPaused = false;
          queueMicrotask(deliver);
        },
        close: () => stream.close(),
      };
    },
  };
}
