import { errorCode } from "./error-code.ts";
import { Http2Error } from "./http2-error.ts";

/** A header block that HEADERS began and CONTINUATION goes on with (RFC 9113, section 4.3). */
export class HeaderBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly #maxSize: number;
  #fragments: Uint8Array[] = [];
  #size = 0;

  constructor(streamId: number, endStream: boolean, maxSize: number) {
    this.streamId = streamId;
    this.endStream = endStream;
    this.#maxSize = maxSize;
  }

  /** Keeps a copy. Throws an ENHANCE_YOUR_CALM when the block grows too large or comes in too small pieces. */
  add(fragment: Uint8Array): void {
    this.#size += fragment.length;
    this.#fragments.push(fragment.slice());
    if (this.#size > this.#maxSize || this.#fragments.length > 64 + this.#size / 64) {
      throw new Http2Error(
        "connection",
        errorCode.enhanceYourCalm,
        "The peer sent too large a header block, or one in too many pieces",
      );
    }
  }

  join(): Uint8Array {
    return Buffer.concat(this.#fragments);
  }
}
