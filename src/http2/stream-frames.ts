import {
  checkRequestHeaders,
  checkResponseHeaders,
  checkTrailers,
  contentLength,
} from "./check-headers.ts";
import { errorCode } from "./error-code.ts";
import type { FloodGuard } from "./flood-guard.ts";
import { type Frame, frameFlag, readUint32 } from "./frame.ts";
import type { HeaderList } from "./header-list.ts";
import type { HeaderReader, ReceivedHeaders } from "./header-reader.ts";
import { Http2Error } from "./http2-error.ts";
import type { Http2Limits } from "./http2-limits.ts";
import type { Http2Stream } from "./http2-stream.ts";
import type { StreamHandle, StreamHandlers } from "./stream-handle.ts";
import type { StreamManager } from "./stream-manager.ts";
import type { StreamTable } from "./stream-table.ts";
import { unpad } from "./unpad.ts";
import { errorCodeName, frameSizeError, streamError, violation } from "./violation.ts";

/** Called for every stream that a client opens, with the request's header fields. */
export type AcceptStream = (stream: StreamHandle, fields: HeaderList) => StreamHandlers;

type StreamFramesOptions = {
  /** Undefined for a client. */
  readonly accept: AcceptStream | undefined;
  readonly limits: Http2Limits;
  readonly headers: HeaderReader;
  readonly flood: FloodGuard;
  readonly streams: StreamManager;
};

/**
 * What frames do to the stream that they came on: DATA, HEADERS, RST_STREAM, WINDOW_UPDATE, PRIORITY.
 * Every method throws an `Http2Error`, of the stream or of the connection, for what the peer may not send.
 */
export class StreamFrames {
  readonly #accept: AcceptStream | undefined;
  readonly #limits: Http2Limits;
  readonly #headers: HeaderReader;
  readonly #flood: FloodGuard;
  readonly #streams: StreamManager;
  readonly #table: StreamTable;

  constructor({ accept, limits, headers, flood, streams }: StreamFramesOptions) {
    this.#accept = accept;
    this.#limits = limits;
    this.#headers = headers;
    this.#flood = flood;
    this.#streams = streams;
    this.#table = streams.table;
  }

  /** Counts for the windows of stream and connection, padding included. */
  data(frame: Frame): void {
    this.#table.requireUsed(frame.streamId);
    const size = frame.payload.length;
    this.#streams.receive(size);
    const stream = this.#table.get(frame.streamId);
    if (stream === undefined) {
      this.#streams.release(size);
      return this.#late(frame.streamId);
    }
    stream.unconsumed += size;
    if (stream.remoteEnded || !stream.headersReceived) {
      throw streamError(
        stream.remoteEnded ? errorCode.streamClosed : errorCode.protocolError,
        "DATA is not allowed there",
      );
    }
    if (!stream.receiveWindow.take(size)) {
      throw streamError(
        errorCode.flowControlError,
        "The peer sent more than the stream's window allows",
      );
    }
    const endStream = (frame.flags & frameFlag.endStream) !== 0;
    const data = unpad(frame);
    if (data.length === 0 && !endStream) this.#flood.count("idle");
    if (stream.contentLeft !== undefined) stream.contentLeft -= data.length;
    if (data.length < size) this.#streams.consumed(stream, size - data.length);
    if (data.length > 0) stream.handlers?.data(data);
    if (endStream) this.#remoteEnd(stream, []);
    return undefined;
  }

  /** HEADERS or CONTINUATION. */
  headers(frame: Frame): void {
    const received = this.#headers.take(frame);
    if (received === undefined) return;
    const { streamId, fields, endStream } = received;
    const stream = this.#table.get(streamId);
    if (stream !== undefined) this.#onFields(stream, fields, endStream);
    else if (this.#accept !== undefined && this.#table.isNew(streamId)) {
      this.#acceptStream(this.#accept, received);
    } else this.#late(streamId);
  }

  /** RST_STREAM. */
  reset(frame: Frame): void {
    this.#table.requireUsed(frame.streamId);
    if (frame.payload.length !== 4) throw frameSizeError("RST_STREAM");
    this.#flood.count("reset");
    const code = readUint32(frame.payload, 0);
    const stream = this.#table.get(frame.streamId);
    if (stream === undefined) return;
    this.#streams.fail(
      stream,
      new Http2Error("stream", code, `The peer reset the stream with ${errorCodeName(code)}`, {
        remote: true,
      }),
    );
  }

  /** `increment` is 0 when the peer made a mistake. */
  windowUpdate(streamId: number, increment: number): void {
    this.#table.requireUsed(streamId);
    const stream = this.#table.get(streamId);
    if (stream === undefined) return this.#flood.count("idle");
    if (increment === 0) {
      throw streamError(errorCode.protocolError, "WINDOW_UPDATE of the stream is 0");
    }
    return stream.growSendWindow(increment, "stream");
  }

  /** Priorities are not acted on, but a wrong frame is wrong (RFC 9113, section 6.3). */
  priority(frame: Frame): void {
    if (frame.streamId === 0) throw violation("PRIORITY came on stream 0");
    this.#flood.count("idle");
    if (frame.payload.length !== 5) {
      throw streamError(errorCode.frameSizeError, "PRIORITY has a wrong size");
    }
  }

  #acceptStream(accept: AcceptStream, { streamId, fields, endStream }: ReceivedHeaders): void {
    this.#table.lastPeerId = streamId;
    if (this.#table.size >= this.#limits.maxConcurrentStreams) {
      throw streamError(errorCode.refusedStream, "The peer opened too many streams");
    }
    checkRequestHeaders(fields);
    const stream = this.#streams.create();
    stream.headersReceived = true;
    stream.contentLeft = contentLength(fields);
    this.#table.accept(stream, streamId);
    stream.handlers = accept(stream, fields);
    if (endStream) this.#remoteEnd(stream, []);
  }

  /** A response's header fields, or trailers. */
  #onFields(stream: Http2Stream, fields: HeaderList, endStream: boolean): void {
    if (stream.remoteEnded)
      throw streamError(errorCode.streamClosed, "HEADERS came after the stream's end");
    if (stream.headersReceived) {
      if (!endStream) throw streamError(errorCode.protocolError, "Trailers do not end the stream");
      checkTrailers(fields);
      return this.#remoteEnd(stream, fields);
    }
    const status = checkResponseHeaders(fields);
    if (status < 200) {
      if (endStream)
        throw streamError(errorCode.protocolError, "An interim response ends the stream");
      return this.#flood.count("idle");
    }
    stream.headersReceived = true;
    stream.handlers?.headers(fields);
    if (endStream) this.#remoteEnd(stream, []);
    return undefined;
  }

  #remoteEnd(stream: Http2Stream, trailers: HeaderList): void {
    if (stream.isDead) return;
    if (stream.contentLeft !== undefined && stream.contentLeft !== 0) {
      throw streamError(errorCode.protocolError, "The content is not as long as announced");
    }
    this.#streams.remoteEnd(stream, trailers);
  }

  /** A frame for a stream that is gone. */
  #late(streamId: number): void {
    this.#table.requireUsed(streamId);
    this.#table.requireReset(streamId);
    this.#flood.count("idle");
  }
}
