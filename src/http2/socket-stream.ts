import type { Socket, SocketHandler } from "bun";
import type { ByteStream, ByteStreamHandlers } from "./byte-stream.ts";

const batchSize = 512 * 1024;
/** How long `close` tries to get rid of what was written. */
const lingerMs = 5_000;

/** A Bun socket (unix, TCP or TLS) as a byte stream. Pass `handlers` to `Bun.connect` or `Bun.listen`. */
export class SocketStream implements ByteStream {
  readonly handlers: SocketHandler<undefined> = {
    binaryType: "buffer",
    open: (socket) => this.#onOpen(socket),
    data: (_socket, chunk) => this.#onData(chunk),
    drain: () => this.#flush(),
    // The peer's FIN: HTTP/2 has no use for a half-open connection.
    end: () => this.#onEnd(),
    close: (_socket, error) => this.#onEnd(error),
    error: (_socket, error) => this.#onEnd(error),
  };
  #socket: Socket | undefined;
  #handlers: ByteStreamHandlers | undefined;
  /** What came before `start`. To pause the socket instead would hold up a TLS handshake. */
  #early: Uint8Array[] = [];
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  /** Small writes are copied together here: a system call costs more than the copy. */
  #batch: Uint8Array = new Uint8Array();
  #batchBuffer: Uint8Array | undefined;
  #isBlocked = false;
  #isScheduled = false;
  #needsDrain = false;
  #isClosing = false;
  #isStarted = false;
  #isEnded = false;
  #lingering: ReturnType<typeof setTimeout> | undefined;
  #endError: Error | undefined;

  start(handlers: ByteStreamHandlers): void {
    this.#handlers = handlers;
    queueMicrotask(() => {
      this.#isStarted = true;
      for (const chunk of this.#early.splice(0)) handlers.data(chunk);
      if (this.#isEnded) handlers.end(this.#endError);
    });
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isEnded || this.#isClosing) return true;
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (!this.#isScheduled && !this.#isBlocked) {
      this.#isScheduled = true;
      queueMicrotask(() => {
        this.#isScheduled = false;
        this.#flush();
      });
    }
    this.#needsDrain = this.#isBlocked || this.#queuedBytes >= batchSize;
    return !this.#needsDrain;
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#flush();
    if (this.#isEnded) return;
    // A peer that does not read must not keep the socket for ever.
    this.#lingering = setTimeout(() => this.#socket?.terminate(), lingerMs);
    this.#lingering.unref();
  }

  #onOpen(socket: Socket): void {
    this.#socket = socket;
    this.#flush();
  }

  #onData(chunk: Uint8Array): void {
    if (this.#isStarted) this.#handlers?.data(chunk);
    else this.#early.push(chunk);
  }

  #flush(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#isEnded) return;
    while (this.#batch.length > 0 || this.#queue.length > 0) {
      if (this.#batch.length === 0) this.#fillBatch();
      const written = socket.write(this.#batch);
      this.#batch = this.#batch.subarray(Math.max(0, written));
      this.#isBlocked = this.#batch.length > 0;
      if (this.#isBlocked) return;
    }
    if (this.#isClosing) socket.end();
    else if (this.#needsDrain) {
      this.#needsDrain = false;
      this.#handlers?.drain();
    }
  }

  #fillBatch(): void {
    const first = this.#queue[0];
    if (first !== undefined && (this.#queue.length === 1 || first.length >= batchSize)) {
      this.#queue.shift();
      this.#queuedBytes -= first.length;
      this.#batch = first;
      return;
    }
    const buffer = (this.#batchBuffer ??= new Uint8Array(batchSize));
    let length = 0;
    let count = 0;
    for (const chunk of this.#queue) {
      if (length + chunk.length > batchSize) break;
      buffer.set(chunk, length);
      length += chunk.length;
      count++;
    }
    this.#queue.splice(0, count);
    this.#queuedBytes -= length;
    this.#batch = buffer.subarray(0, length);
  }

  #onEnd(error?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#endError = error;
    this.#queue = [];
    this.#socket?.end();
    clearTimeout(this.#lingering);
    if (this.#isStarted) this.#handlers?.end(error);
  }
}
