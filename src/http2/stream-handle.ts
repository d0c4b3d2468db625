import type { HeaderList } from "./header-list.ts";
import type { Http2Error } from "./http2-error.ts";

/** One HTTP/2 stream as an application sees it. */
export type StreamHandle = {
  /** Sends the response's header fields (a server; a client's went with `open`). */
  sendHeaders(fields: HeaderList): void;
  /**
   * Queues all of `chunk` (the caller may not change it afterwards). False means: write no more until `drain`.
   * After the stream's end the chunk is dropped.
   */
  write(chunk: Uint8Array): boolean;
  /** Ends our side after what was written, with trailers when there are any. Fields that can't be sent throw a RangeError. */
  end(trailers?: HeaderList): void;
  /** Gives up the stream in both directions; nothing is delivered after it. Safe to call at any time. */
  reset(code: number): void;
  /** Tells that `bytes` of the delivered data are dealt with, so that the peer may send as many more. */
  consume(bytes: number): void;
};

/** What happens on a stream. After `fail` nothing more comes; after `end` only `drain` and `fail` do. */
export type StreamHandlers = {
  /** The response's header fields (a client; a server gets a request's when the stream opens). */
  headers(fields: HeaderList): void;
  /** Valid only during the call. Every byte has to be given back by `consume`. */
  data(chunk: Uint8Array): void;
  /** The peer's side is complete. Without trailers the list is empty. */
  end(trailers: HeaderList): void;
  /** `write` returned false before; now there is room again. */
  drain(): void;
  /** The stream is over before its end: reset by the peer, a violation, or the connection is gone. */
  fail(error: Http2Error): void;
};
