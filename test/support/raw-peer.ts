import type { ByteStream, ByteStreamHandlers } from "../../src/http2/byte-stream.ts";
import type { Frame } from "../../src/http2/frame.ts";
import {
  encodeFrame,
  encodeHeaderFrames,
  encodeNumberFrame,
  frameFlag,
  frameType,
  readUint32,
} from "../../src/http2/frame.ts";
import { FrameReader, clientPreface } from "../../src/http2/frame-reader.ts";
import { encodeHeaders } from "../../src/http2/hpack/encode-headers.ts";
import type { Setting } from "../../src/http2/settings.ts";
import { encodeSettings } from "../../src/http2/settings.ts";

/** The far side of a connection, frame by frame. `stream` goes to the engine under test. */
export class RawPeer {
  readonly stream: ByteStream;
  /** What the engine has sent. */
  readonly frames: Frame[] = [];
  isClosed = false;
  /** What the engine's writes are answered with; false holds it up until `drain`. */
  hasRoom = true;
  #handlers: ByteStreamHandlers | undefined;

  /** `engineIsClient`: the engine starts with the connection preface. */
  constructor(engineIsClient: boolean) {
    const reader = new FrameReader({
      expectPreface: engineIsClient,
      onFrame: (frame) => this.frames.push({ ...frame, payload: frame.payload.slice() }),
    });
    this.stream = {
      start: (handlers) => {
        this.#handlers = handlers;
      },
      write: (chunk) => {
        reader.push(chunk);
        return this.hasRoom;
      },
      close: () => {
        this.isClosed = true;
      },
    };
  }

  /** Delivers octets in one chunk. */
  send(...parts: readonly Uint8Array[]): void {
    this.#handlers?.data(Buffer.concat(parts));
  }

  drain(): void {
    this.hasRoom = true;
    this.#handlers?.drain();
  }

  end(error?: Error): void {
    this.#handlers?.end(error);
  }

  /** Of all DATA frames, without padding. */
  get dataBytes(): number {
    return this.#ofType(frameType.data).reduce((sum, { payload }) => sum + payload.length, 0);
  }

  /** `[code]` of the GOAWAY, or nothing. */
  get goawayCodes(): number[] {
    return this.#ofType(frameType.goaway).map(({ payload }) => readUint32(payload, 4));
  }

  get resets(): { streamId: number; code: number }[] {
    return this.#ofType(frameType.rstStream).map(({ streamId, payload }) => ({
      streamId,
      code: readUint32(payload, 0),
    }));
  }

  /** The sum of WINDOW_UPDATEs for a stream, or for the connection (0). */
  windowUpdates(streamId: number): number {
    return this.#ofType(frameType.windowUpdate)
      .filter((frame) => frame.streamId === streamId)
      .reduce((sum, { payload }) => sum + readUint32(payload, 0), 0);
  }

  #ofType(type: number): Frame[] {
    return this.frames.filter((frame) => frame.type === type);
  }
}

/** Lets everything that is due now run: the engine writes at the end of a turn of the event loop. */
export async function turn(): Promise<void> {
  for (let count = 0; count < 3; count++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

export const preface = clientPreface;

export function settings(...list: readonly Setting[]): Uint8Array {
  return encodeSettings(list);
}

export const settingsAck = encodeFrame(frameType.settings, frameFlag.ack, 0, new Uint8Array());

export function windowUpdate(streamId: number, increment: number): Uint8Array {
  return encodeNumberFrame(frameType.windowUpdate, streamId, increment);
}

export function data(streamId: number, payload: Uint8Array, flags = 0): Uint8Array {
  return encodeFrame(frameType.data, flags, streamId, payload);
}

export function request(
  streamId: number,
  endStream = false,
  extra: readonly (readonly [string, string])[] = [],
): Uint8Array {
  const fields = [[":method", "POST"], [":scheme", "http"], [":path", "/a"], ...extra] as const;
  return encodeHeaderFrames(streamId, encodeHeaders(fields), endStream);
}

export function response(streamId: number, endStream = false): Uint8Array {
  return encodeHeaderFrames(streamId, encodeHeaders([[":status", "200"]]), endStream);
}
