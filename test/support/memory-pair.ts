import type { ByteStream, ByteStreamHandlers } from "../../src/http2/byte-stream.ts";

const capacity = 256 * 1024;

/** Two ends of a line in memory, each of which holds up its writer above 256 KiB. */
export function createMemoryPair(): readonly [ByteStream, ByteStream] {
  const a = new MemoryEnd();
  const b = new MemoryEnd();
  a.other = b;
  b.other = a;
  return [a, b];
}

class MemoryEnd implements ByteStream {
  other: MemoryEnd | undefined;
  #handlers: ByteStreamHandlers | undefined;
  #incoming: Uint8Array[] = [];
  #waiting = 0;
  #isScheduled = false;
  #hasEnded = false;
  #writerWaits = false;
  #isClosed = false;

  start(handlers: ByteStreamHandlers): void {
    this.#handlers = handlers;
    this.#schedule();
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isClosed) return true;
    return this.other?.receive(chunk) ?? true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.other?.finish();
    this.finish();
  }

  receive(chunk: Uint8Array): boolean {
    this.#incoming.push(chunk);
    this.#waiting += chunk.length;
    this.#schedule();
    this.#writerWaits ||= this.#waiting > capacity;
    return !this.#writerWaits;
  }

  finish(): void {
    this.#hasEnded = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const handlers = this.#handlers;
    if (handlers === undefined) return;
    for (let chunk = this.#incoming.shift(); chunk; chunk = this.#incoming.shift()) {
      this.#waiting -= chunk.length;
      handlers.data(chunk);
    }
    if (this.#incoming.length > 0) return;
    if (this.#writerWaits) {
      this.#writerWaits = false;
      this.other?.drained();
    }
    if (!this.#hasEnded) return;
    this.#handlers = undefined;
    handlers.end();
  }

  drained(): void {
    this.#handlers?.drain();
  }
}
