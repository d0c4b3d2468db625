/**
 * A two-way byte stream that HTTP/2 runs on: a unix socket, TCP, TLS, or a tunnel inside another stream.
 * Push-based, because a promise per chunk costs more than the chunk.
 */
export type ByteStream = {
  /**
   * Starts delivery; called once. A chunk may be a view on a reused buffer: it is valid only during the call.
   * `end` comes once: without an error when the peer closed, with one when the stream broke.
   */
  start(handlers: ByteStreamHandlers): void;
  /** Takes all of `chunk` (the caller may not change it afterwards); false means: write no more until `drain`. */
  write(chunk: Uint8Array): boolean;
  /** Sends what was written, then closes both directions. Safe to call twice. */
  close(): void;
};

/** What happens to a stream: bytes come, there is room again for ours, it is over, of an error or in good order. */
export type ByteStreamHandlers = {
  data(chunk: Uint8Array): void;
  drain(): void;
  end(error?: Error): void;
};
