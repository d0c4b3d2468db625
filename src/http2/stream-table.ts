import { errorCode } from "./error-code.ts";
import type { Http2Stream } from "./http2-stream.ts";
import { streamError, violation } from "./violation.ts";

/** Frames for a stream may still be under way after we reset it; so many such streams are remembered. */
const rememberedResets = 1024;
const maxStreamId = 0x7fffffff;

/** The streams of a connection and which identifiers were used (RFC 9113, section 5.1.1). */
export class StreamTable {
  readonly #isServer: boolean;
  readonly #open = new Map<number, Http2Stream>();
  /** Streams that wait for the peer to allow one more, with their encoded header block. */
  readonly #pending = new Map<Http2Stream, Uint8Array>();
  readonly #wereReset = new Set<number>();
  #nextId = 1;
  /** The highest identifier that the peer has used. */
  lastPeerId = 0;
  /** How many streams of ours the peer allows at once. */
  peerLimit = Number.POSITIVE_INFINITY;

  constructor(isServer: boolean) {
    this.#isServer = isServer;
  }

  get size(): number {
    return this.#open.size;
  }

  get isUsedUp(): boolean {
    return this.#nextId + 2 * this.#pending.size > maxStreamId;
  }

  get(streamId: number): Http2Stream | undefined {
    return this.#open.get(streamId);
  }

  /** All streams, as they are now. */
  all(): Http2Stream[] {
    return [...this.#pending.keys(), ...this.#open.values()];
  }

  /** Registers a stream of the peer. */
  accept(stream: Http2Stream, streamId: number): void {
    stream.id = streamId;
    this.#open.set(streamId, stream);
  }

  addPending(stream: Http2Stream, block: Uint8Array): void {
    this.#pending.set(stream, block);
  }

  /** Gives the next waiting stream its identifier, if the peer allows one more. */
  openNext(): { readonly stream: Http2Stream; readonly block: Uint8Array } | undefined {
    if (this.#pending.size === 0 || this.#open.size >= this.peerLimit) return undefined;
    for (const [stream, block] of this.#pending) {
      this.#pending.delete(stream);
      stream.id = this.#nextId;
      this.#nextId += 2;
      this.#open.set(stream.id, stream);
      return { stream, block };
    }
    return undefined;
  }

  /** Whether it was there. */
  delete(stream: Http2Stream): boolean {
    return this.#pending.delete(stream) || this.#open.delete(stream.id);
  }

  /** Whether a client may open a stream with this identifier now. */
  isNew(streamId: number): boolean {
    return this.#isServer && streamId % 2 === 1 && streamId > this.lastPeerId;
  }

  /** Most frames on a stream that nobody opened are an error of the connection (RFC 9113, section 5.1). */
  requireUsed(streamId: number): void {
    // We never push, and forbid it: all streams are the client's.
    const isUsed = this.#isServer ? streamId <= this.lastPeerId : streamId < this.#nextId;
    if (streamId % 2 === 0 || !isUsed) {
      throw violation(`A frame came on stream ${streamId}, which nobody opened`);
    }
  }

  rememberReset(streamId: number): void {
    this.#wereReset.add(streamId);
    if (this.#wereReset.size <= rememberedResets) return;
    for (const oldest of this.#wereReset) {
      this.#wereReset.delete(oldest);
      return;
    }
  }

  /** Throws a STREAM_CLOSED unless the peer may not know yet that we reset the stream. */
  requireReset(streamId: number): void {
    if (!this.#wereReset.has(streamId)) {
      throw streamError(errorCode.streamClosed, "The stream is closed");
    }
  }
}
