/** Frames and their parts (RFC 9113, sections 4.1 and 6). */
export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  /** A view that is valid only until the next frame is read. */
  readonly payload: Uint8Array;
};

/** The types of frames (RFC 9113, section 6). */
export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** The flags of frames; what a bit means depends on the type. */
export const frameFlag = {
  /** On SETTINGS and PING. */
  ack: 0x1,
  /** On DATA and HEADERS. */
  endStream: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** Octets. */
export const frameHeaderSize = 9;
/** What every peer takes, and what we take: larger frames would only make streams less fair. */
export const maxFrameSize = 16_384;

/** The nine octets before a payload of `length` octets. */
export function encodeFrameHeader(
  type: number,
  flags: number,
  streamId: number,
  length: number,
): Uint8Array {
  const header = new Uint8Array(frameHeaderSize);
  writeFrameHeader(header, 0, type, flags, streamId, length);
  return header;
}

/** A whole frame; `payload` must not be over `maxFrameSize`. */
export function encodeFrame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array,
): Uint8Array {
  const frame = new Uint8Array(frameHeaderSize + payload.length);
  writeFrameHeader(frame, 0, type, flags, streamId, payload.length);
  frame.set(payload, frameHeaderSize);
  return frame;
}

/** A header block as one HEADERS frame and the CONTINUATION frames it needs, in one piece: nothing may come between. */
export function encodeHeaderFrames(
  streamId: number,
  block: Uint8Array,
  endStream: boolean,
): Uint8Array {
  const frameCount = Math.max(1, Math.ceil(block.length / maxFrameSize));
  const frames = new Uint8Array(block.length + frameCount * frameHeaderSize);
  let position = 0;
  for (let index = 0; index < frameCount; index++) {
    const part = block.subarray(index * maxFrameSize, (index + 1) * maxFrameSize);
    const isFirst = index === 0;
    const flags =
      (index === frameCount - 1 ? frameFlag.endHeaders : 0) |
      (isFirst && endStream ? frameFlag.endStream : 0);
    const type = isFirst ? frameType.headers : frameType.continuation;
    writeFrameHeader(frames, position, type, flags, streamId, part.length);
    frames.set(part, position + frameHeaderSize);
    position += frameHeaderSize + part.length;
  }
  return frames;
}

/** RST_STREAM and WINDOW_UPDATE: one 32-bit number. */
export function encodeNumberFrame(type: number, streamId: number, value: number): Uint8Array {
  const frame = new Uint8Array(frameHeaderSize + 4);
  writeFrameHeader(frame, 0, type, 0, streamId, 4);
  writeUint32(frame, frameHeaderSize, value);
  return frame;
}

/** GOAWAY; `message` goes along as debug data. */
export function encodeGoaway(lastStreamId: number, code: number, message: string): Uint8Array {
  const debug = Buffer.from(message);
  const payload = new Uint8Array(8 + debug.length);
  writeUint32(payload, 0, lastStreamId);
  writeUint32(payload, 4, code);
  payload.set(debug, 8);
  return encodeFrame(frameType.goaway, 0, 0, payload);
}

/** Big-endian; the octets must be there. */
export function readUint32(octets: Uint8Array, position: number): number {
  return (
    ((octets[position] ?? 0) * 0x1000000 +
      (((octets[position + 1] ?? 0) << 16) |
        ((octets[position + 2] ?? 0) << 8) |
        (octets[position + 3] ?? 0))) >>>
    0
  );
}

/** Big-endian; there must be room. */
export function writeUint32(octets: Uint8Array, position: number, value: number): void {
  octets[position] = value >>> 24;
  octets[position + 1] = value >>> 16;
  octets[position + 2] = value >>> 8;
  octets[position + 3] = value;
}

function writeFrameHeader(
  octets: Uint8Array,
  position: number,
  type: number,
  flags: number,
  streamId: number,
  length: number,
): void {
  octets[position] = length >>> 16;
  octets[position + 1] = length >>> 8;
  octets[position + 2] = length;
  octets[position + 3] = type;
  octets[position + 4] = flags;
  writeUint32(octets, position + 5, streamId);
}
