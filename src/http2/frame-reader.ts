import { errorCode } from "./error-code.ts";
import type { Frame } from "./frame.ts";
import { maxFrameSize, frameHeaderSize, readUint32 } from "./frame.ts";
import { Http2Error } from "./http2-error.ts";

/** The connection preface of a client (RFC 9113, section 3.4). */
export const clientPreface: Uint8Array = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

type FrameReaderOptions = {
  /** True on a server: `clientPreface` comes before the first frame. */
  readonly expectPreface: boolean;
  onFrame(frame: Frame): void;
};

/** Cuts chunks into frames. Only what lies across two chunks is copied. */
export class FrameReader {
  readonly #options: FrameReaderOptions;
  readonly #partial = new Uint8Array(frameHeaderSize + maxFrameSize);
  #partialLength = 0;
  #prefaceLeft: Uint8Array;

  constructor(options: FrameReaderOptions) {
    this.#options = options;
    this.#prefaceLeft = options.expectPreface ? clientPreface : new Uint8Array();
  }

  /** Calls `onFrame` for every frame that `chunk` completes. Throws an `Http2Error` of the connection. */
  push(chunk: Uint8Array): void {
    let rest = this.#prefaceLeft.length > 0 ? this.#preface(chunk) : chunk;
    while (this.#partialLength > 0 && rest.length > 0) rest = this.#complete(rest);
    while (rest.length >= frameHeaderSize) {
      const size = frameHeaderSize + payloadLength(rest);
      if (rest.length < size) break;
      this.#emit(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    this.#partial.set(rest, this.#partialLength);
    this.#partialLength += rest.length;
  }

  /** Adds to the frame that an earlier chunk began; returns what is left of `chunk`. */
  #complete(chunk: Uint8Array): Uint8Array {
    const have = this.#partialLength;
    const wanted =
      have < frameHeaderSize ? frameHeaderSize : frameHeaderSize + payloadLength(this.#partial);
    const taken = chunk.subarray(0, wanted - have);
    this.#partial.set(taken, have);
    this.#partialLength += taken.length;
    if (
      this.#partialLength >= frameHeaderSize &&
      this.#partialLength === frameHeaderSize + payloadLength(this.#partial)
    ) {
      const size = this.#partialLength;
      this.#partialLength = 0;
      this.#emit(this.#partial.subarray(0, size));
    }
    return chunk.subarray(taken.length);
  }

  #emit(octets: Uint8Array): void {
    this.#options.onFrame({
      type: octets[3] ?? 0,
      flags: octets[4] ?? 0,
      // The highest bit is reserved and ignored.
      streamId: readUint32(octets, 5) & 0x7fffffff,
      payload: octets.subarray(frameHeaderSize),
    });
  }

  #preface(chunk: Uint8Array): Uint8Array {
    const length = Math.min(chunk.length, this.#prefaceLeft.length);
    if (Buffer.compare(chunk.subarray(0, length), this.#prefaceLeft.subarray(0, length)) !== 0) {
      throw new Http2Error(
        "connection",
        errorCode.protocolError,
        "The peer does not speak HTTP/2: its connection preface is wrong",
      );
    }
    this.#prefaceLeft = this.#prefaceLeft.subarray(length);
    return chunk.subarray(length);
  }
}

function payloadLength(octets: Uint8Array): number {
  const length = ((octets[0] ?? 0) << 16) | ((octets[1] ?? 0) << 8) | (octets[2] ?? 0);
  if (length > maxFrameSize) {
    throw new Http2Error(
      "connection",
      errorCode.frameSizeError,
      `The peer sent a frame of ${length} octets; ${maxFrameSize} are allowed`,
    );
  }
  return length;
}
