import { errorCode } from "./error-code.ts";
import type { Frame } from "./frame.ts";
import { frameFlag, frameType } from "./frame.ts";
import type { HeaderList } from "./header-list.ts";
import { HpackDecoder } from "./hpack/hpack-decoder.ts";
import { Http2Error } from "./http2-error.ts";
import { unpad } from "./unpad.ts";
import { frameSizeError, violation } from "./violation.ts";

/** A whole header block, decoded. */
export type ReceivedHeaders = {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly fields: HeaderList;
};

type Unfinished = {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly fragments: Uint8Array[];
  size: number;
};

/** The size of the decoder's dynamic table: the default, so that no setting has to tell it. */
const headerTableSize = 4096;
/** What the priority fields of a HEADERS frame take. */
const prioritySize = 5;

/** Joins HEADERS and the CONTINUATION frames after it, and decodes them (RFC 9113, sections 4.3 and 6.10). */
export class HeaderReader {
  readonly #maxListSize: number;
  readonly #decoder: HpackDecoder;
  #unfinished: Unfinished | undefined;

  constructor(maxListSize: number) {
    this.#maxListSize = maxListSize;
    this.#decoder = new HpackDecoder({ maxTableSize: headerTableSize, maxListSize });
  }

  /** Throws a PROTOCOL_ERROR when `frame` may not come now: nothing but CONTINUATION goes into a header block. */
  checkOrder(frame: Frame): void {
    const expected = this.#unfinished?.streamId;
    const isContinuation = frame.type === frameType.continuation;
    if (expected === undefined && isContinuation) {
      throw violation("CONTINUATION came without HEADERS");
    }
    if (expected !== undefined && (!isContinuation || frame.streamId !== expected)) {
      throw violation("Another frame came inside a header block");
    }
  }

  /** Takes a HEADERS or CONTINUATION frame; returns the block that it completes. Throws an `Http2Error` of the connection. */
  take(frame: Frame): ReceivedHeaders | undefined {
    const block = (this.#unfinished ??= {
      streamId: frame.streamId,
      endStream: (frame.flags & frameFlag.endStream) !== 0,
      fragments: [],
      size: 0,
    });
    const fragment = frame.type === frameType.headers ? fragmentOf(frame) : frame.payload;
    block.size += fragment.length;
    block.fragments.push(fragment.slice());
    if (block.size > this.#maxListSize || block.fragments.length > 64 + block.size / 64) {
      throw new Http2Error(
        "connection",
        errorCode.enhanceYourCalm,
        "The peer sent too large a header block, or one in too many pieces",
      );
    }
    if ((frame.flags & frameFlag.endHeaders) === 0) return undefined;
    this.#unfinished = undefined;
    const { streamId, endStream, fragments } = block;
    // Also for a stream that is gone: the decoder has to stay in step.
    return { streamId, endStream, fields: this.#decoder.decode(Buffer.concat(fragments)) };
  }
}

function fragmentOf(frame: Frame): Uint8Array {
  if (frame.streamId === 0) throw violation("HEADERS came on stream 0");
  const content = unpad(frame);
  if ((frame.flags & frameFlag.priority) === 0) return content;
  if (content.length < prioritySize) throw frameSizeError("HEADERS");
  return content.subarray(prioritySize);
}
