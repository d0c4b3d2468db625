import type { ByteStream } from "./byte-stream.ts";
import { errorCode } from "./error-code.ts";
import { FloodGuard } from "./flood-guard.ts";
import type { Frame } from "./frame.ts";
import {
  encodeFrame,
  encodeGoaway,
  encodeNumberFrame,
  frameFlag,
  frameType,
  readUint32,
} from "./frame.ts";
import { FrameReader, clientPreface } from "./frame-reader.ts";
import type { HeaderList } from "./header-list.ts";
import { HeaderReader } from "./header-reader.ts";
import { Http2Error } from "./http2-error.ts";
import type { Http2Limits } from "./http2-limits.ts";
import { defaultHttp2Limits } from "./http2-limits.ts";
import { SendScheduler } from "./send-scheduler.ts";
import { defaultWindowSize, encodeSettings, parseSettings, settingId } from "./settings.ts";
import { StreamFrames, type AcceptStream } from "./stream-frames.ts";
import type { StreamHandle, StreamHandlers } from "./stream-handle.ts";
import { StreamManager } from "./stream-manager.ts";
import type { StreamTable } from "./stream-table.ts";
import { errorCodeName, frameSizeError, violation } from "./violation.ts";

type Http2ConnectionOptions = {
  /** Makes the connection a server's. Without it, it is a client's. */
  readonly accept?: AcceptStream;
  readonly limits?: Partial<Http2Limits>;
};

/** One HTTP/2 connection on a byte stream, of either role (RFC 9113). Owns and closes the byte stream. */
export class Http2Connection implements Disposable {
  /** Resolves when the connection is over: without an error when either side closed it in good order. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  readonly #bytes: ByteStream;
  readonly #isServer: boolean;
  readonly #limits: Http2Limits;
  readonly #scheduler: SendScheduler;
  readonly #reader: FrameReader;
  readonly #headers: HeaderReader;
  readonly #flood = new FloodGuard();
  readonly #streams: StreamManager;
  readonly #table: StreamTable;
  readonly #frames: StreamFrames;
  #sawSettings = false;
  #goaway: Http2Error | undefined;
  #isClosed = false;
  #resolveClosed: (error: Error | undefined) => void;

  constructor(bytes: ByteStream, options: Http2ConnectionOptions = {}) {
    this.#bytes = bytes;
    this.#isServer = options.accept !== undefined;
    this.#limits = { ...defaultHttp2Limits, ...options.limits };
    this.#scheduler = new SendScheduler(bytes);
    this.#headers = new HeaderReader(this.#limits.maxHeaderListSize);
    this.#streams = new StreamManager({
      isServer: this.#isServer,
      limits: this.#limits,
      ready: (stream) => this.#scheduler.ready(stream),
      sendControl: (frame) => this.#sendControl(frame),
      gone: () => this.#closeWhenDone(),
    });
    this.#table = this.#streams.table;
    this.#frames = new StreamFrames({
      accept: options.accept,
      limits: this.#limits,
      headers: this.#headers,
      flood: this.#flood,
      streams: this.#streams,
    });
    this.#reader = new FrameReader({
      expectPreface: this.#isServer,
      onFrame: (frame) => this.#onFrame(frame),
    });
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
   * Opens a client's stream. It waits when the peer allows no more streams at the moment. No handler is called before
   * this returns.
   * Throws an `Http2Error` when the connection is closed or the peer is going away.
   */
  open(fields: HeaderList, handlers: StreamHandlers): StreamHandle {
    this.#requireOpen();
    if (this.#table.isUsedUp) {
      throw new Http2Error("connection", errorCode.refusedStream, "The connection is used up");
    }
    const stream = this.#streams.open(fields, handlers);
    // With a peer that reads nothing this very stream may have been one too many.
    this.#requireOpen();
    return stream;
  }

  /** Tells the peer, fails what is still open, and closes the byte stream. Safe to call twice. */
  close(): void {
    this.#shutDown(undefined, errorCode.noError, "");
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #requireOpen(): void {
    if (this.#goaway !== undefined) throw this.#goaway;
    if (!this.#isClosed) return;
    throw new Http2Error("connection", errorCode.refusedStream, "The connection is closed");
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
      // A peer that makes us reset its streams costs as much as one that does so itself.
      this.#flood.count("reset");
      this.#streams.break(
        frame.streamId,
        error instanceof Http2Error ? error : internalError(error),
      );
    }
  }

  #dispatch(frame: Frame): void {
    switch (frame.type) {
      case frameType.data:
        return this.#frames.data(frame);
      case frameType.headers:
      case frameType.continuation:
        return this.#frames.headers(frame);
      case frameType.rstStream:
        return this.#frames.reset(frame);
      case frameType.settings:
        return this.#onSettings(frame);
      case frameType.ping:
        return this.#onPing(frame);
      case frameType.goaway:
        return this.#onGoaway(frame);
      case frameType.windowUpdate:
        return this.#onWindowUpdate(frame);
      case frameType.priority:
        return this.#frames.priority(frame);
      case frameType.pushPromise:
        throw violation("The peer sent PUSH_PROMISE, which we had forbidden");
      default:
        // RFC 9113, section 4.1: unknown types are ignored.
        return this.#flood.count("idle");
    }
  }

  #onSettings(frame: Frame): void {
    if (frame.streamId !== 0) throw violation("SETTINGS came on a stream");
    if ((frame.flags & frameFlag.ack) !== 0) {
      if (frame.payload.length > 0) throw frameSizeError("SETTINGS");
      this.#flood.count("settings");
      return this.#streams.settingsAcked();
    }
    this.#flood.count("settings");
    this.#sawSettings = true;
    for (const [id, value] of parseSettings(frame.payload)) {
      if (id === settingId.initialWindowSize) this.#streams.changeInitialWindow(value);
      if (id === settingId.maxConcurrentStreams) this.#table.peerLimit = value;
      // A server may not ask for pushes (RFC 9113, section 6.5.2).
      if (id === settingId.enablePush && value === 1 && !this.#isServer) {
        throw violation("A server sent ENABLE_PUSH");
      }
    }
    this.#sendControl(encodeFrame(frameType.settings, frameFlag.ack, 0, new Uint8Array()));
    return this.#streams.openPending();
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
    for (const stream of this.#table.all()) {
      if (!this.#isServer && (stream.id === 0 || stream.id > lastStreamId)) {
        this.#streams.fail(stream, refused);
      }
    }
    this.#closeWhenDone();
  }

  #onWindowUpdate(frame: Frame): void {
    if (frame.payload.length !== 4) throw frameSizeError("WINDOW_UPDATE");
    const increment = readUint32(frame.payload, 0) & 0x7fffffff;
    if (frame.streamId !== 0) return this.#frames.windowUpdate(frame.streamId, increment);
    if (increment === 0) throw violation("WINDOW_UPDATE of the connection is 0");
    return this.#scheduler.growWindow(increment);
  }

  #closeWhenDone(): void {
    if (this.#goaway === undefined || this.#isServer || this.#table.size > 0) return;
    this.#shutDown(this.#goawayError(), errorCode.noError, "");
  }

  #goawayError(): Http2Error | undefined {
    return this.#goaway?.code === errorCode.noError ? undefined : this.#goaway;
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
        this.#scheduler.sendControl(encodeGoaway(this.#table.lastPeerId, code, message));
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
    this.#streams.close(reason);
    this.#resolveClosed(error);
  }
}

function internalError(cause: unknown): Http2Error {
  const message = "Internal error: a frame could not be handled";
  return new Http2Error("stream", errorCode.internalError, message, { cause });
}
