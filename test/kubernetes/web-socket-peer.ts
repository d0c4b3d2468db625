import type { ByteStream } from "../../src/http2/byte-stream.ts";

/** A server's end of a WebSocket, frame by frame. */
export type WebSocketPeer = {
  /** What the client sent: opcode and payload without its mask. */
  readonly frames: { readonly code: number; readonly payload: Buffer }[];
  /** Sends a frame as it is, cut into pieces of this size. */
  send(code: number, payload: Uint8Array, options?: { isFinal?: boolean; cut?: number }): void;
};

export function startWebSocketPeer(stream: ByteStream): WebSocketPeer {
  let rest = Buffer.alloc(0);
  const frames: WebSocketPeer["frames"] = [];
  stream.start({
    data(chunk) {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const frame = readFrame(rest);
        if (frame === undefined) return;
        frames.push(frame);
        rest = rest.subarray(frame.size);
      }
    },
    drain() {},
    end() {},
  });
  return {
    frames,
    send(code, payload, { isFinal = true, cut = Infinity } = {}) {
      const length = payload.length;
      const head =
        length < 126
          ? [length]
          : length < 65_536
            ? [126, length >> 8, length & 255]
            : [127, 0, 0, 0, 0, ...Buffer.from(Uint32Array.of(length).buffer).toReversed()];
      const frame = Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | code, ...head]), payload]);
      for (let at = 0; at < frame.length; at += cut) stream.write(frame.subarray(at, at + cut));
    },
  };
}

function readFrame(bytes: Buffer): { code: number; payload: Buffer; size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + extra + 4;
  if (bytes.length < start) return undefined;
  if (((bytes[1] ?? 0) & 0x80) === 0) throw new Error("A client's frame has no mask");
  const length = extra === 0 ? short : bytes.readUIntBE(extra === 2 ? 2 : 4, extra === 2 ? 2 : 6);
  if (bytes.length < start + length) return undefined;
  const mask = bytes.subarray(start - 4, start);
  const payload = Buffer.from(bytes.subarray(start, start + length));
  for (let index = 0; index < length; index++) {
    payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  }
  return { code: (bytes[0] ?? 0) & 0x0f, payload, size: start + length };
}
