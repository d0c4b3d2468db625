import { defaultWindowSize } from "./settings.ts";
import { errorCode } from "./error-code.ts";
import { encodeHeaderFrames, encodeNumberFrame, frameType } from "./frame.ts";
import { encodeHeaders } from "./hpack/encode-headers.ts";
import type { HeaderList } from "./header-list.ts";
import { Http2Error } from "./http2-error.ts";
import type { Http2Limits } from "./http2-limits.ts";
import type { StreamOwner } from "./http2-stream.ts";
import { Http2Stream } from "./http2-stream.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { StreamTable } from "./stream-table.ts";
import type { StreamHandle, StreamHandlers } from "./stream-handle.ts";

type StreamManagerOptions = {
  readonly isServer: boolean;
  readonly limits: Http2Limits;
  sendControl(frame: Uint8Array): void;
  /** The stream may have something to send. */
  ready(stream: Http2Stream): void;
  /** A stream has gone. */
  gone(): void;
};

/** Opens and ends a connection's streams and keeps account of its receive windows. */
export class StreamManager {
  readonly table: StreamTable;
  readonly #options: StreamManagerOptions;
  readonly #owner: StreamOwner;
  readonly #window: ReceiveWindow;
  #peerInitialWindow = defaultWindowSize;
  #settingsAcked = false;
  #isClosed = false;

  constructor(options: StreamManagerOptions) {
    this.#options = options;
    this.table = new StreamTable(options.isServer);
    this.#window = new ReceiveWindow(options.limits.connectionWindow);
    this.#owner = {
      ready: (stream) => options.ready(stream),
      sendControl: (frame) => options.sendControl(frame),
      reset: (stream, code) => this.reset(stream, code),
      consumed: (stream, count) => this.consumed(stream, count),
      ended: (stream) => this.#ended(stream),
    };
  }

  create(): Http2Stream {
    const { streamWindow } = this.#options.limits;
    const available = this.#settingsAcked
      ? streamWindow
      : Math.max(streamWindow, defaultWindowSize);
    return new Http2Stream(
      this.#owner,
      this.#peerInitialWindow,
      new ReceiveWindow(streamWindow, available),
    );
  }

  /** Opens a stream of ours, at once or when the peer allows it. */
  open(fields: HeaderList, handlers: StreamHandlers): StreamHandle {
    const stream = this.create();
    this.table.addPending(stream, encodeHeaders(fields));
    this.openPending();
    // Not before: the caller does not know the stream yet that a handler may want to use.
    stream.handlers = handlers;
    return stream;
  }

  openPending(): void {
    for (let next = this.table.openNext(); next; next = this.table.openNext()) {
      this.#options.sendControl(encodeHeaderFrames(next.stream.id, next.block, false));
      this.#options.ready(next.stream);
    }
  }

  /** The peer's side has ended. */
  remoteEnd(stream: Http2Stream, trailers: HeaderList): void {
    if (stream.isDead) return;
    stream.remoteEnded = true;
    stream.handlers?.end(trailers);
    if (stream.localEnded) this.#forget(stream);
  }

  /** Our own decision that a stream is over, for what the peer did; tells peer and application. */
  break(streamId: number, error: Http2Error): void {
    const stream = this.table.get(streamId);
    if (stream === undefined) this.#sendReset(streamId, error.code);
    else {
      this.reset(stream, error.code);
      stream.handlers?.fail(error);
    }
  }

  /** Tells the peer only. */
  reset(stream: Http2Stream, code: number): void {
    this.#returnUnconsumed(stream);
    if (stream.isDead) return;
    stream.kill();
    const isKnown = this.table.get(stream.id) === stream;
    if (isKnown && !this.#isClosed) this.#sendReset(stream.id, code);
    this.#forget(stream);
  }

  /** Tells the application only. */
  fail(stream: Http2Stream, error: Http2Error): void {
    if (stream.isDead) return;
    this.#returnUnconsumed(stream);
    stream.kill();
    this.#forget(stream);
    stream.handlers?.fail(error);
  }

  /** The connection is over: nothing is sent any more. */
  close(error: Http2Error): void {
    this.#isClosed = true;
    for (const stream of this.table.all()) this.fail(stream, error);
  }

  /** Counts `size` octets that came for the connection; throws a FLOW_CONTROL_ERROR when they are too many. */
  receive(size: number): void {
    if (this.#window.take(size)) return;
    throw new Http2Error(
      "connection",
      errorCode.flowControlError,
      "The peer sent more than the connection's window allows",
    );
  }

  /** `count` octets for the connection are dealt with. */
  release(count: number): void {
    if (this.#isClosed) return;
    const increment = this.#window.release(count);
    if (increment > 0) this.#sendWindowUpdate(0, increment);
  }

  consumed(stream: Http2Stream, count: number): void {
    const taken = Math.min(count, stream.unconsumed);
    stream.unconsumed -= taken;
    this.release(taken);
    if (stream.isDead || stream.remoteEnded) return;
    const increment = stream.receiveWindow.release(taken);
    if (increment > 0) this.#sendWindowUpdate(stream.id, increment);
  }

  /** The difference counts for every stream, also for those that got WINDOW_UPDATEs (RFC 9113, section 6.9.2). */
  changeInitialWindow(size: number): void {
    const delta = size - this.#peerInitialWindow;
    this.#peerInitialWindow = size;
    for (const stream of this.table.all()) stream.growSendWindow(delta, "connection");
  }

  /** From here on the peer knows our window: a smaller one than the default counts. */
  settingsAcked(): void {
    if (this.#settingsAcked) return;
    this.#settingsAcked = true;
    const excess = defaultWindowSize - this.#options.limits.streamWindow;
    if (excess <= 0) return;
    for (const stream of this.table.all()) stream.receiveWindow.shrink(excess);
  }

  /** Our side has ended. */
  #ended(stream: Http2Stream): void {
    if (stream.remoteEnded) this.#forget(stream);
    // A complete response leaves no use for the rest of the request (RFC 9113, section 8.1).
    else if (this.#options.isServer) this.reset(stream, errorCode.noError);
  }

  #forget(stream: Http2Stream): void {
    this.table.delete(stream);
    if (this.#isClosed) return;
    this.openPending();
    this.#options.gone();
  }

  #returnUnconsumed(stream: Http2Stream): void {
    this.release(stream.unconsumed);
    stream.unconsumed = 0;
  }

  #sendReset(streamId: number, code: number): void {
    this.table.rememberReset(streamId);
    this.#options.sendControl(encodeNumberFrame(frameType.rstStream, streamId, code));
  }

  #sendWindowUpdate(streamId: number, increment: number): void {
    this.#options.sendControl(encodeNumberFrame(frameType.windowUpdate, streamId, increment));
  }
}
