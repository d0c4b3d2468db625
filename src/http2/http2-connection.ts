import type { ByteStream } from "./byte-stream.ts";
import {
  checkRequestHeaders,
  checkResponseHeaders,
  checkTrailers,
  contentLength,
} from "./check-headers.ts";
import { errorCode } from "./error-code.ts";
import { FloodGuard } from "./flood-guard.ts";
import type { Frame } from "./frame.ts";
import {
  encodeFrame,
  encodeGoaway,
  encodeHeaderFrames,
  encodeNumberFrame,
  frameFlag,
  frameType,
  readUint32,
} from "./frame.ts";
import { FrameReader, clientPreface } from "./frame-reader.ts";
import type { HeaderList } from "./header-list.ts";
import type { ReceivedHeaders } from "./header-reader.ts";
import { HeaderReader } from "./header-reader.ts";
import { encodeHeaders } from "./hpack/encode-headers.ts";
import { Http2Error } from "./http2-error.ts";
import type { Http2Limits } from "./http2-limits.ts";
import { defaultHttp2Limits } from "./http2-limits.ts";
import type { StreamOwner } from "./http2-stream.ts";
import { Http2Stream } from "./http2-stream.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { SendScheduler } from "./send-scheduler.ts";
import { defaultWindowSize, encodeSettings, parseSettings, settingId } from "./settings.ts";
import type { StreamHandle, StreamHandlers } from "./stream-handle.ts";
import { StreamTable } from "./stream-table.ts";
import { unpad } from "./unpad.ts";
import { errorCodeName, frameSizeError, streamError, violation } from "./violation.ts";

export type Http2ConnectionOptions = {
  /**
   * Makes the connection a server's: called for every stream that the client opens.
   * Without it, it is a client's.
   */
  readonly accept?: (stream: StreamHandle, fields: HeaderList) => StreamHandlers;
  readonly limits?: Partial<Http2Limits>;
};

/** One HTTP/2 connection on a byte stream, of either role (RFC 9113). Owns and closes the byte stream. */
export class Http2Connection implements Disposable {
  /** Resolves when the connection is over: without an error when either side closed it in good order. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  readonly #bytes: ByteStream;
  readonly #accept: Http2ConnectionOptions["accept"];
  readonly #limits: Http2Limits;
  readonly #scheduler: SendScheduler;
  readonly #reader: FrameReader;
  readonly #headers: HeaderReader;
  readonly #flood = new FloodGuard();
  readonly #window: ReceiveWindow;
  readonly #streams: StreamTable;
  readonly #owner: StreamOwner;
  #sawSettings = false;
  #unackedSettings = 1;
  #peerInitialWindow = defaultWindowSize;
  #goaway: Http2Error | undefined;
  #isClosed = false;
  #resolveClosed: (error: Error | undefined) => void;

  constructor(bytes: ByteStream, options: Http2ConnectionOptions = {}) {
    this.#bytes = bytes;
    this.#accept = options.accept;
    this.#limits = { ...defaultHttp2Limits, ...options.limits };
    this.#scheduler = new SendScheduler(bytes);
    this.#window = new ReceiveWindow(this.#limits.connectionWindow);
    this.#headers = new HeaderReader(this.#limits.maxHeaderListSize);
    this.#streams = new StreamTable(this.#isServer);
    this.#reader = new FrameReader({
      expectPreface: this.#isServer,
      onFrame: (frame) => this.#onFrame(frame),
    });
    this.#owner = {
      ready: (stream) => this.#scheduler.ready(stream),
      sendControl: (frame) => this.#sendControl(frame),
      reset: (stream, code) => this.#reset(stream, code),
      consumed: (stream, count) => this.#consumed(stream, count),
      ended: (stream) => this.#localEnd(stream),
    };
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#sendPreface();
    bytes.start({
      data: (chunk) => this.#onData(chunk),
      drain: () => this.#scheduler.drained(),
      end: (error) => this.#onEnd(error),
    });
  }

  /**
   * Opens a client's stream. It waits when the peer allows no more streams at the moment.
   * Throws an `Http2Error` when the connection is closed or the peer is going away.
   */
  open(fields: HeaderList, handlers: StreamHandlers): StreamHandle {
    if (this.#isClosed || this.#goaway !== undefined) {
      throw (
        this.#goaway ??
        new Http2Error("connection", errorCode.refusedStream, "The connection is closed")
      );
    }
    if (this.#streams.isUsedUp) {
      throw new Http2Error("connection", errorCode.refusedStream, "The connection is used up");
    }
    const stream = this.#createStream();
    stream.handlers = handlers;
    this.#streams.addPending(stream, encodeHeaders(fields));
    this.#openPending();
    return stream;
  }

  /** Tells the peer, fails what is still open, and closes the byte stream. Safe to call twice. */
  close(): void {
    this.#shutDown(undefined, errorCode.noError, "");
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #isServer(): boolean {
    return this.#accept !== undefined;
  }

  #sendPreface(): void {
    if (!this.#isServer) this.#scheduler.sendControl(clientPreface);
    this.#scheduler.sendControl(
      encodeSettings([
        ...(this.#isServer
          ? [[settingId.maxConcurrentStreams, this.#limits.maxConcurrentStreams] as const]
          : [[settingId.enablePush, 0] as const]),
        [settingId.initialWindowSize, this.#limits.streamWindow],
        [settingId.maxHeaderListSize, this.#limits.maxHeaderListSize],
      ]),
    );
    const increment = this.#limits.connectionWindow - defaultWindowSize;
    if (increment > 0) {
      this.#scheduler.sendControl(encodeNumberFrame(frameType.windowUpdate, 0, increment));
    }
  }

  #onData(chunk: Uint8Array): void {
    if (this.#isClosed) return;
    try {
      this.#reader.push(chunk);
      this.#scheduler.flush();
    } catch (error) {
      this.#die(error);
    }
  }

  #onEnd(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#shutDown(
      error ?? this.#goawayError(),
      undefined,
      error?.message ?? "The peer closed the connection",
    );
  }

  #onFrame(frame: Frame): void {
    if (this.#isClosed) return;
    if (
      !this.#sawSettings &&
      (frame.type !== frameType.settings || (frame.flags & frameFlag.ack) !== 0)
    ) {
      throw violation("The peer does not speak HTTP/2: its first frame is not SETTINGS");
    }
    this.#headers.checkOrder(frame);
    try {
      this.#dispatch(frame);
    } catch (error) {
      if (error instanceof Http2Error && error.scope === "connection") throw error;
      if (!(error instanceof Http2Error) && frame.streamId === 0) throw error;
      this.#breakStream(frame.streamId, error instanceof Http2Error ? error : internalError(error));
    }
  }

  #dispatch(frame: Frame): void {
    switch (frame.type) {
      case frameType.data:
        return this.#onDataFrame(frame);
      case frameType.headers:
      case frameType.continuation:
        return this.#onHeaders(frame);
      case frameType.rstStream:
        return this.#onReset(frame);
      case frameType.settings:
        return this.#onSettings(frame);
      case frameType.ping:
        return this.#onPing(frame);
      case frameType.goaway:
        return this.#onGoaway(frame);
      case frameType.windowUpdate:
        return this.#onWindowUpdate(frame);
      case frameType.priority:
        return this.#onPriority(frame);
      case frameType.pushPromise:
        throw violation("The peer sent PUSH_PROMISE, which we had forbidden");
      default:
        // RFC 9113, section 4.1: unknown types are ignored.
        return this.#flood.count("idle");
    }
  }

  #onDataFrame(frame: Frame): void {
    this.#streams.requireUsed(frame.streamId);
    const size = frame.payload.length;
    if (!this.#window.take(size)) {
      throw new Http2Error(
        "connection",
        errorCode.flowControlError,
        "The peer sent more than the connection's window allows",
      );
    }
    const stream = this.#streams.get(frame.streamId);
    if (stream === undefined) {
      this.#releaseConnection(size);
      return this.#onLateFrame(frame.streamId);
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
    if (data.length < size) this.#consumed(stream, size - data.length);
    if (data.length > 0) stream.handlers?.data(data);
    if (endStream) this.#remoteEnd(stream, []);
    return undefined;
  }

  #onHeaders(frame: Frame): void {
    const received = this.#headers.take(frame);
    if (received === undefined) return;
    const { streamId, fields, endStream } = received;
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) this.#onFields(stream, fields, endStream);
    else if (this.#accept !== undefined && this.#streams.isNew(streamId)) {
      this.#acceptStream(this.#accept, received);
    } else this.#onLateFrame(streamId);
  }

  #acceptStream(
    accept: NonNullable<Http2ConnectionOptions["accept"]>,
    { streamId, fields, endStream }: ReceivedHeaders,
  ): void {
    this.#streams.lastPeerId = streamId;
    if (this.#streams.size >= this.#limits.maxConcurrentStreams) {
      throw streamError(errorCode.refusedStream, "The peer opened too many streams");
    }
    checkRequestHeaders(fields);
    const stream = this.#createStream();
    stream.headersReceived = true;
    stream.contentLeft = contentLength(fields);
    this.#streams.accept(stream, streamId);
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
    stream.remoteEnded = true;
    stream.handlers?.end(trailers);
    if (stream.localEnded) this.#forget(stream);
  }

  #localEnd(stream: Http2Stream): void {
    if (stream.remoteEnded) this.#forget(stream);
    // A complete response leaves no use for the rest of the request (RFC 9113, section 8.1).
    else if (this.#isServer) this.#reset(stream, errorCode.noError);
  }

  #onReset(frame: Frame): void {
    this.#streams.requireUsed(frame.streamId);
    if (frame.payload.length !== 4) throw frameSizeError("RST_STREAM");
    this.#flood.count("reset");
    const code = readUint32(frame.payload, 0);
    const stream = this.#streams.get(frame.streamId);
    if (stream === undefined) return;
    this.#failStream(
      stream,
      new Http2Error("stream", code, `The peer reset the stream with ${errorCodeName(code)}`, {
        remote: true,
      }),
    );
  }

  #onSettings(frame: Frame): void {
    if (frame.streamId !== 0) throw violation("SETTINGS came on a stream");
    if ((frame.flags & frameFlag.ack) !== 0) {
      if (frame.payload.length > 0) throw frameSizeError("SETTINGS");
      return this.#onSettingsAck();
    }
    this.#flood.count("settings");
    this.#sawSettings = true;
    for (const [id, value] of parseSettings(frame.payload)) {
      if (id === settingId.initialWindowSize) this.#changeInitialWindow(value);
      if (id === settingId.maxConcurrentStreams) this.#streams.peerLimit = value;
      // A server may not ask for pushes (RFC 9113, section 6.5.2).
      if (id === settingId.enablePush && value === 1 && !this.#isServer) {
        throw violation("A server sent ENABLE_PUSH");
      }
    }
    this.#sendControl(encodeFrame(frameType.settings, frameFlag.ack, 0, new Uint8Array()));
    return this.#openPending();
  }

  /** The difference counts for every stream, also for those that got WINDOW_UPDATEs (RFC 9113, section 6.9.2). */
  #changeInitialWindow(size: number): void {
    const delta = size - this.#peerInitialWindow;
    this.#peerInitialWindow = size;
    for (const stream of this.#streams.all()) stream.growSendWindow(delta, "connection");
  }

  /** From here on the peer knows our window: a smaller one than the default counts. */
  #onSettingsAck(): void {
    if (this.#unackedSettings === 0) return this.#flood.count("settings");
    this.#unackedSettings--;
    const excess = defaultWindowSize - this.#limits.streamWindow;
    if (excess <= 0) return undefined;
    for (const stream of this.#streams.all()) stream.receiveWindow.shrink(excess);
    return undefined;
  }

  #onPing(frame: Frame): void {
    if (frame.streamId !== 0) throw violation("PING came on a stream");
    if (frame.payload.length !== 8) throw frameSizeError("PING");
    this.#flood.count("ping");
    if ((frame.flags & frameFlag.ack) !== 0) return;
    this.#sendControl(encodeFrame(frameType.ping, frameFlag.ack, 0, frame.payload));
  }

  #onGoaway(frame: Frame): void {
    if (frame.streamId !== 0) throw violation("GOAWAY came on a stream");
    if (frame.payload.length < 8) throw frameSizeError("GOAWAY");
    const lastStreamId = readUint32(frame.payload, 0) & 0x7fffffff;
    const code = readUint32(frame.payload, 4);
    const reason = Buffer.from(frame.payload.subarray(8)).toString("latin1");
    this.#goaway = new Http2Error(
      "connection",
      code,
      `The peer closes the connection with ${errorCodeName(code)}${reason === "" ? "" : ` (${reason})`}`,
      { remote: true },
    );
    const refused = new Http2Error("stream", errorCode.refusedStream, this.#goaway.message, {
      remote: true,
    });
    for (const stream of this.#streams.all()) {
      if (!this.#isServer && (stream.id === 0 || stream.id > lastStreamId)) {
        this.#failStream(stream, refused);
      }
    }
    this.#closeWhenDone();
  }

  #onWindowUpdate(frame: Frame): void {
    if (frame.payload.length !== 4) throw frameSizeError("WINDOW_UPDATE");
    const increment = readUint32(frame.payload, 0) & 0x7fffffff;
    if (frame.streamId === 0) {
      if (increment === 0) throw violation("WINDOW_UPDATE of the connection is 0");
      return this.#scheduler.growWindow(increment);
    }
    this.#streams.requireUsed(frame.streamId);
    const stream = this.#streams.get(frame.streamId);
    if (stream === undefined) return this.#flood.count("idle");
    if (increment === 0)
      throw streamError(errorCode.protocolError, "WINDOW_UPDATE of the stream is 0");
    return stream.growSendWindow(increment, "stream");
  }

  #onPriority(frame: Frame): void {
    if (frame.streamId === 0) throw violation("PRIORITY came on stream 0");
    this.#flood.count("idle");
    if (frame.payload.length !== 5)
      throw streamError(errorCode.frameSizeError, "PRIORITY has a wrong size");
  }

  #createStream(): Http2Stream {
    const { streamWindow } = this.#limits;
    const available =
      this.#unackedSettings > 0 ? Math.max(streamWindow, defaultWindowSize) : streamWindow;
    return new Http2Stream(
      this.#owner,
      this.#peerInitialWindow,
      new ReceiveWindow(streamWindow, available),
    );
  }

  #openPending(): void {
    for (let next = this.#streams.openNext(); next; next = this.#streams.openNext()) {
      this.#sendControl(encodeHeaderFrames(next.stream.id, next.block, false));
      this.#scheduler.ready(next.stream);
    }
  }

  /** A frame for a stream that is gone. */
  #onLateFrame(streamId: number): void {
    this.#streams.requireUsed(streamId);
    this.#streams.requireReset(streamId);
    this.#flood.count("idle");
  }

  /** Our own decision that a stream is over; tells peer and application. */
  #breakStream(streamId: number, error: Http2Error): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) this.#sendReset(streamId, error.code);
    else {
      this.#reset(stream, error.code);
      stream.handlers?.fail(error);
    }
  }

  #reset(stream: Http2Stream, code: number): void {
    this.#returnUnconsumed(stream);
    if (stream.isDead) return;
    stream.kill();
    const isKnown = this.#streams.get(stream.id) === stream;
    this.#forget(stream);
    if (!isKnown || this.#isClosed) return;
    this.#sendReset(stream.id, code);
  }

  #sendReset(streamId: number, code: number): void {
    this.#streams.rememberReset(streamId);
    this.#sendControl(encodeNumberFrame(frameType.rstStream, streamId, code));
  }

  #failStream(stream: Http2Stream, error: Http2Error): void {
    if (stream.isDead) return;
    this.#returnUnconsumed(stream);
    stream.kill();
    this.#forget(stream);
    stream.handlers?.fail(error);
  }

  #forget(stream: Http2Stream): void {
    this.#streams.delete(stream);
    if (this.#isClosed) return;
    this.#openPending();
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#goaway === undefined || this.#isServer || this.#streams.size > 0) return;
    this.#shutDown(this.#goawayError(), errorCode.noError, "");
  }

  #goawayError(): Http2Error | undefined {
    return this.#goaway?.code === errorCode.noError ? undefined : this.#goaway;
  }

  #consumed(stream: Http2Stream, count: number): void {
    const taken = Math.min(count, stream.unconsumed);
    stream.unconsumed -= taken;
    this.#releaseConnection(taken);
    if (stream.isDead || stream.remoteEnded) return;
    const increment = stream.receiveWindow.release(taken);
    if (increment > 0) {
      this.#sendControl(encodeNumberFrame(frameType.windowUpdate, stream.id, increment));
    }
  }

  #returnUnconsumed(stream: Http2Stream): void {
    this.#releaseConnection(stream.unconsumed);
    stream.unconsumed = 0;
  }

  #releaseConnection(count: number): void {
    if (this.#isClosed) return;
    const increment = this.#window.release(count);
    if (increment > 0) this.#sendControl(encodeNumberFrame(frameType.windowUpdate, 0, increment));
  }

  /** May be called by the application, which must not see the connection's errors. */
  #sendControl(frame: Uint8Array): void {
    try {
      this.#scheduler.sendControl(frame);
    } catch (error) {
      this.#die(error);
    }
  }

  #die(error: unknown): void {
    const known = error instanceof Http2Error ? error : internalError(error);
    this.#shutDown(known, known.code, known.message);
  }

  /** `code` goes to the peer; without one it is no longer there. */
  #shutDown(error: Error | undefined, code: number | undefined, message: string): void {
    if (this.#isClosed) return;
    if (code !== undefined) {
      try {
        this.#scheduler.sendControl(encodeGoaway(this.#streams.lastPeerId, code, message));
      } catch {
        // The queue is over its limit: the peer does not read, so it would not see this either.
      }
    }
    this.#isClosed = true;
    this.#scheduler.close();
    this.#bytes.close();
    const reason =
      error instanceof Http2Error
        ? error
        : new Http2Error(
            "connection",
            errorCode.cancel,
            message === "" ? "The connection is closed" : message,
            { cause: error },
          );
    for (const stream of this.#streams.all()) {
      this.#failStream(stream, reason);
    }
    this.#resolveClosed(error);
  }
}

function internalError(cause: unknown): Http2Error {
  const message = "Internal error: a frame could not be handled";
  return new Http2Error("stream", errorCode.internalError, message, { cause });
}
