import type { ByteStream } from "./byte-stream.ts";
import { errorCode } from "./error-code.ts";
import { Http2Error } from "./http2-error.ts";
import type { Http2Stream } from "./http2-stream.ts";
import { defaultWindowSize, maxWindowSize } from "./settings.ts";

/** One flush writes at most about this much, so that other work and other streams get their turn. */
const batchSize = 512 * 1024;
/** A peer that lets us answer more than this and does not read the answers is up to no good. */
const maxQueuedControlBytes = 64 * 1024 * 1024;
const maxQueuedControlFrames = 50_000;

/**
 * Decides what a connection writes next: control frames and small header blocks first, then one DATA frame a stream in turn.
 * Nothing is written while the byte stream is full, so a late control frame still overtakes all queued data.
 */
export class SendScheduler {
  readonly #bytes: ByteStream;
  #control: Uint8Array[] = [];
  #controlBytes = 0;
  #ready: Http2Stream[] = [];
  #window = defaultWindowSize;
  #isWritable = true;
  #isScheduled = false;
  #isClosed = false;

  constructor(bytes: ByteStream) {
    this.#bytes = bytes;
  }

  /** Throws an ENHANCE_YOUR_CALM of the connection when too much is waiting. */
  sendControl(frame: Uint8Array): void {
    if (this.#isClosed) return;
    this.#control.push(frame);
    this.#controlBytes += frame.length;
    if (
      this.#control.length > maxQueuedControlFrames ||
      this.#controlBytes > maxQueuedControlBytes
    ) {
      throw new Http2Error(
        "connection",
        errorCode.enhanceYourCalm,
        "The peer causes more answers than it reads",
      );
    }
    this.#schedule();
  }

  ready(stream: Http2Stream): void {
    if (stream.isQueued || !stream.isSendable) return;
    stream.isQueued = true;
    this.#ready.push(stream);
    this.#schedule();
  }

  /** Throws a FLOW_CONTROL_ERROR when the connection's window would exceed 2^31 - 1. */
  growWindow(increment: number): void {
    this.#window += increment;
    if (this.#window > maxWindowSize) {
      throw new Http2Error(
        "connection",
        errorCode.flowControlError,
        "The peer raised the connection's window over the limit",
      );
    }
    if (this.#ready.length > 0) this.#schedule();
  }

  drained(): void {
    this.#isWritable = true;
    this.flush();
  }

  /** Writes one batch now instead of at the end of this turn of the event loop. */
  flush(): void {
    if (this.#isClosed || !this.#isWritable) return;
    this.#flushControl();
    const drained: Http2Stream[] = [];
    let budget = batchSize;
    let waiting: Http2Stream[] = [];
    while (this.#isWritable && budget > 0) {
      const round = this.#ready;
      if (round.length === 0) break;
      this.#ready = [];
      for (const [position, stream] of round.entries()) {
        if (!this.#isWritable || budget <= 0) {
          waiting = waiting.concat(round.slice(position));
          break;
        }
        const needsWindow = stream.sendsData;
        if (needsWindow && this.#window <= 0) {
          waiting.push(stream);
          continue;
        }
        stream.isQueued = false;
        if (!stream.isSendable) continue;
        const sent = stream.sendNext(this.#window, this.#write);
        this.#window -= sent;
        budget -= sent + 9;
        if (stream.isSendable && !stream.isQueued) {
          stream.isQueued = true;
          this.#ready.push(stream);
        }
        if (stream.takeDrain()) drained.push(stream);
      }
    }
    this.#ready = waiting.concat(this.#ready);
    for (const stream of drained) if (!stream.isDead) stream.handlers?.drain();
    if (this.#isWritable && budget <= 0 && this.#ready.length > 0) this.#schedule();
  }

  /** Writes the control frames that are left, whatever the byte stream says, and nothing after them. */
  close(): void {
    if (this.#isClosed) return;
    this.#isWritable = true;
    for (const frame of this.#control) this.#bytes.write(frame);
    this.#control = [];
    this.#ready = [];
    this.#isClosed = true;
  }

  #flushControl(): void {
    const control = this.#control;
    let written = 0;
    while (written < control.length && this.#isWritable) {
      const frame = control[written++];
      if (frame === undefined) break;
      this.#controlBytes -= frame.length;
      this.#write(frame);
    }
    this.#control = control.slice(written);
  }

  readonly #write = (octets: Uint8Array): void => {
    if (!this.#bytes.write(octets)) this.#isWritable = false;
  };

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }
}
