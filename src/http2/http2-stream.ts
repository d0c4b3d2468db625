import { errorCode } from "./error-code.ts";
import {
  encodeFrameHeader,
  encodeHeaderFrames,
  frameFlag,
  frameType,
  maxFrameSize,
} from "./frame.ts";
import type { HeaderList } from "./header-list.ts";
import { encodeHeaders } from "./hpack/encode-headers.ts";
import { Http2Error } from "./http2-error.ts";
import type { ReceiveWindow } from "./receive-window.ts";
import { maxWindowSize } from "./settings.ts";
import type { StreamHandle, StreamHandlers } from "./stream-handle.ts";

/** What a stream asks of its connection. */
export type StreamOwner = {
  /** The stream may have something to send. */
  ready(stream: Http2Stream): void;
  sendControl(frame: Uint8Array): void;
  /** The application gave up. */
  reset(stream: Http2Stream, code: number): void;
  /** The application dealt with `bytes`. */
  consumed(stream: Http2Stream, bytes: number): void;
  /** Our side has ended. */
  ended(stream: Http2Stream): void;
};

/** More than this queued makes `write` return false: enough for a whole batch of the connection. */
const highWaterMark = 512 * 1024;
const lowWaterMark = 256 * 1024;
/** What is smaller is copied behind the last: every piece costs more on its way to the socket than the copy. */
const smallChunk = 8 * 1024;
/** Bytes in which small chunks are gathered: few for a stream that has not much to say. */
const gathering = { first: 2 * 1024, more: 64 * 1024 };

/** One stream's state (RFC 9113, section 5.1) and what it has queued to send. */
export class Http2Stream implements StreamHandle {
  /** 0 while a client's stream waits for the peer to allow one more. */
  id = 0;
  /** May be negative after the peer shrank its initial window (RFC 9113, section 6.9.2). */
  sendWindow: number;
  handlers: StreamHandlers | undefined;
  readonly receiveWindow: ReceiveWindow;
  /** Delivered to the application and not yet consumed. */
  unconsumed = 0;
  /** Whether the peer's first header block has come. */
  headersReceived = false;
  remoteEnded = false;
  /** In the scheduler's queue. */
  isQueued = false;
  /** What `content-length` announced and did not come yet. */
  contentLeft: number | undefined;
  readonly #owner: StreamOwner;
  #chunks: Uint8Array[] = [];
  #firstOffset = 0;
  /** Small chunks behind `#chunks`: between start and end, written once and never again. */
  #gathered: Uint8Array = new Uint8Array();
  #gatheredStart = 0;
  #gatheredEnd = 0;
  #queuedBytes = 0;
  #local: "open" | "ending" | "ended" = "open";
  /** Encoded early, so that what can't be sent throws at its author. */
  #trailers: Uint8Array | undefined;
  #needsDrain = false;
  #isDead = false;

  constructor(owner: StreamOwner, sendWindow: number, receiveWindow: ReceiveWindow) {
    this.#owner = owner;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
  }

  sendHeaders(fields: HeaderList): void {
    if (this.#isDead || this.#local !== "open") return;
    this.#owner.sendControl(encodeHeaderFrames(this.id, encodeHeaders(fields), false));
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isDead || this.#local !== "open") return true;
    if (chunk.length > 0) {
      if (chunk.length <= smallChunk) this.#gather(chunk);
      else {
        this.#settle();
        this.#chunks.push(chunk);
      }
      this.#queuedBytes += chunk.length;
      this.#owner.ready(this);
    }
    // A second writer that finds room below the mark must not take the first one's drain away.
    this.#needsDrain ||= this.#queuedBytes > highWaterMark;
    return !this.#needsDrain;
  }

  end(trailers: HeaderList = []): void {
    if (this.#isDead || this.#local !== "open") return;
    if (trailers.length > 0) this.#trailers = encodeHeaders(trailers);
    this.#local = "ending";
    this.#owner.ready(this);
  }

  reset(code: number): void {
    this.#owner.reset(this, code);
  }

  consume(bytes: number): void {
    this.#owner.consumed(this, bytes);
  }

  get isSendable(): boolean {
    if (this.#isDead || this.id === 0) return false;
    return this.#queuedBytes > 0 ? this.sendWindow > 0 : this.#local === "ending";
  }

  /** Whether the next frame uses the connection's window. */
  get sendsData(): boolean {
    return this.#queuedBytes > 0;
  }

  get localEnded(): boolean {
    return this.#local === "ended";
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** True once after `write` returned false and most of the queue is sent. */
  takeDrain(): boolean {
    if (!this.#needsDrain || this.#queuedBytes > lowWaterMark || this.#isDead) return false;
    this.#needsDrain = false;
    return true;
  }

  /** Hands the next frame of a sendable stream to `write`; returns how much of the windows it used. */
  sendNext(connectionWindow: number, write: (octets: Uint8Array) => void): number {
    const length = Math.min(this.#queuedBytes, maxFrameSize, this.sendWindow, connectionWindow);
    if (length > 0) {
      const isLast =
        this.#local === "ending" && length === this.#queuedBytes && this.#trailers === undefined;
      write(encodeFrameHeader(frameType.data, isLast ? frameFlag.endStream : 0, this.id, length));
      this.#takeChunks(length, write);
      this.sendWindow -= length;
      if (isLast) this.#local = "ended";
    }
    if (this.#local === "ending" && this.#queuedBytes === 0) {
      this.#local = "ended";
      write(
        this.#trailers === undefined
          ? encodeFrameHeader(frameType.data, frameFlag.endStream, this.id, 0)
          : encodeHeaderFrames(this.id, this.#trailers, true),
      );
    }
    if (this.#local === "ended") this.#owner.ended(this);
    return Math.max(0, length);
  }

  /** Throws a FLOW_CONTROL_ERROR of `scope` when the window would exceed 2^31 - 1. */
  growSendWindow(delta: number, scope: "stream" | "connection"): void {
    this.sendWindow += delta;
    if (this.sendWindow > maxWindowSize) {
      throw new Http2Error(
        scope,
        errorCode.flowControlError,
        `The peer raised the window of stream ${this.id} over the limit`,
      );
    }
    if (this.isSendable) this.#owner.ready(this);
  }

  /** Drops what is queued; nothing is sent or delivered any more. */
  kill(): void {
    this.#isDead = true;
    this.#chunks = [];
    this.#gathered = new Uint8Array();
    this.#gatheredStart = 0;
    this.#gatheredEnd = 0;
    this.#queuedBytes = 0;
  }

  #gather(chunk: Uint8Array): void {
    if (this.#gathered.length - this.#gatheredEnd < chunk.length) {
      this.#settle();
      const size = this.#gathered.length === 0 ? gathering.first : gathering.more;
      this.#gathered = new Uint8Array(Math.max(size, chunk.length));
      this.#gatheredStart = 0;
      this.#gatheredEnd = 0;
    }
    this.#gathered.set(chunk, this.#gatheredEnd);
    this.#gatheredEnd += chunk.length;
  }

  /** Queues what was gathered, because something comes behind it that isn't. */
  #settle(): void {
    if (this.#gatheredStart === this.#gatheredEnd) return;
    this.#chunks.push(this.#gathered.subarray(this.#gatheredStart, this.#gatheredEnd));
    this.#gatheredStart = this.#gatheredEnd;
  }

  #takeChunks(length: number, write: (octets: Uint8Array) => void): void {
    this.#queuedBytes -= length;
    let left = length;
    let used = 0;
    while (left > 0) {
      const chunk = this.#chunks[used];
      if (chunk === undefined) {
        const end = this.#gatheredStart + left;
        if (end > this.#gatheredEnd) {
          throw new Error("Internal error: queued bytes do not add up");
        }
        write(this.#gathered.subarray(this.#gatheredStart, end));
        this.#gatheredStart = end;
        break;
      }
      const available = chunk.length - this.#firstOffset;
      if (available > left) {
        write(chunk.subarray(this.#firstOffset, this.#firstOffset + left));
        this.#firstOffset += left;
        break;
      }
      write(this.#firstOffset === 0 ? chunk : chunk.subarray(this.#firstOffset));
      this.#firstOffset = 0;
      left -= available;
      used++;
    }
    if (used > 0) this.#chunks.splice(0, used);
  }
}
