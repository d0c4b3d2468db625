import { toError } from "../base/to-error.ts";
import type { ByteStream } from "../http2/byte-stream.ts";

/** What happens to a connection. */
export type WebSocketHandlers = {
  /** A piece of a message; valid only during the call. `isFirst` where the message begins. */
  data(piece: Uint8Array, isFirst: boolean): void;
  drain(): void;
  /** Once. With an error when the stream broke, or the peer closed it for a reason. */
  end(error?: Error): void;
};

/** The client's end of a connection. */
export type WebSocketClient = {
  /** Sends a message of these bytes, in turn; false means: no more until `drain`. */
  send(...parts: readonly Uint8Array[]): boolean;
  /** Says good-bye. Safe to call twice. */
  close(): void;
};

const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const normalClosure = 1000;
/** Between us and a cluster there are machines that drop what is silent for a minute. */
const pingInterval = 20_000;

/**
 * Binary messages in both directions, as RFC 6455 frames them, for a client. Bun's own WebSocket does not say when a
 * writer may go on, and holds a message until all of it is there.
 * @param stream the handshake on it is done
 */
export function createWebSocket(stream: ByteStream, handlers: WebSocketHandlers): WebSocketClient {
  let isEnded = false;
  let isClosing = false;
  let isFirst = true;
  const pings = setInterval(() => {
    if (!isClosing) stream.write(frame(opcode.ping, []));
  }, pingInterval);
  pings.unref();

  function end(error?: Error): void {
    if (isEnded) return;
    isEnded = true;
    isClosing = true;
    clearInterval(pings);
    handlers.end(error);
    stream.close();
  }

  function onControl(code: number, payload: Uint8Array): void {
    if (code === opcode.ping && !isClosing) stream.write(frame(opcode.pong, [payload]));
    if (code !== opcode.close) return;
    if (!isClosing) stream.write(frame(opcode.close, [payload.subarray(0, 2)]));
    end(closeReason(payload));
  }

  const reader = createFrameReader({
    data(piece, isEnd) {
      handlers.data(piece, isFirst);
      isFirst = isEnd;
    },
    control: onControl,
  });
  stream.start({
    data(chunk) {
      if (isEnded) return;
      try {
        reader(chunk);
      } catch (error) {
        end(toError(error));
      }
    },
    drain: () => handlers.drain(),
    end,
  });
  return {
    send: (...parts) => (isClosing ? true : stream.write(frame(opcode.binary, parts))),
    close() {
      if (isClosing) return;
      isClosing = true;
      clearInterval(pings);
      stream.write(frame(opcode.close, [Uint8Array.of(normalClosure >> 8, normalClosure & 255)]));
      stream.close();
    },
  };
}

/** {@link https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1} */
function closeReason(payload: Uint8Array): Error | undefined {
  const code = payload.length < 2 ? normalClosure : ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
  if (code === normalClosure) return undefined;
  const said = Buffer.from(payload.subarray(2)).toString("utf8");
  return new Error(`the WebSocket was closed with ${code}${said === "" ? "" : `: ${said}`}`);
}

/** Room for the longest header of a frame; what is masked begins at a multiple of 4. */
const headRoom = 16;

/** One whole frame. A client's are masked: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.3} */
function frame(code: number, parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const buffer = new Uint8Array((headRoom + length + 3) & ~3);
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = headRoom - 6 - lengthBytes;
  const view = new DataView(buffer.buffer);
  buffer[start] = 0x80 | code;
  buffer[start + 1] = 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(start + 2, length);
  if (lengthBytes === 8) view.setBigUint64(start + 2, BigInt(length));
  crypto.getRandomValues(buffer.subarray(headRoom - 4, headRoom));
  let at = headRoom;
  for (const part of parts) {
    buffer.set(part, at);
    at += part.length;
  }
  const words = new Uint32Array(buffer.buffer);
  const mask = words[headRoom / 4 - 1] ?? 0;
  for (let index = headRoom / 4; index < words.length; index++) {
    words[index] = (words[index] ?? 0) ^ mask;
  }
  return buffer.subarray(start, headRoom + length);
}

type FrameHandlers = {
  /** A piece of a message's payload; `isEnd` with the last one. */
  data(piece: Uint8Array, isEnd: boolean): void;
  control(code: number, payload: Uint8Array): void;
};

/** Reads a server's frames from chunks of any size, and keeps no payload but that of control frames. */
function createFrameReader(handlers: FrameHandlers): (chunk: Uint8Array) => void {
  let head: number[] = [];
  let code = 0;
  let isFinal = false;
  /** Octets of the payload that are to come; undefined: a header comes. */
  let left: number | undefined;
  let controlPayload: number[] = [];

  function onHead(length: number): void {
    const [first = 0] = head;
    head = [];
    code = first & 0x0f;
    isFinal = (first & 0x80) !== 0;
    left = length;
    if (code >= opcode.close && (length > 125 || !isFinal))
      throw violation("a control frame is too long");
    if (code === opcode.text) throw violation("a text message came");
    controlPayload = [];
  }

  function onPayload(piece: Uint8Array): void {
    left = (left ?? 0) - piece.length;
    const isEnd = left === 0;
    if (isEnd) left = undefined;
    if (code < opcode.close) handlers.data(piece, isEnd && isFinal);
    else {
      controlPayload.push(...piece);
      if (isEnd) handlers.control(code, Uint8Array.from(controlPayload));
    }
  }

  return (chunk) => {
    let at = 0;
    while (at < chunk.length || left === 0) {
      if (left === undefined) {
        head.push(chunk[at++] ?? 0);
        const length = payloadLength(head);
        if (length !== undefined) onHead(length);
        continue;
      }
      const piece = chunk.subarray(at, at + left);
      at += piece.length;
      onPayload(piece);
    }
  };
}

/** The payload's length once the header is whole. @throws Error for a header that no server sends */
function payloadLength(head: readonly number[]): number | undefined {
  const [first = 0, second] = head;
  if ((first & 0x70) !== 0) throw violation("a reserved bit is set");
  if (second === undefined) return undefined;
  if ((second & 0x80) !== 0) throw violation("a frame is masked");
  const extra = second === 126 ? 2 : second === 127 ? 8 : 0;
  if (head.length < 2 + extra) return undefined;
  if (extra === 0) return second;
  const length = head.slice(2).reduce((sum, octet) => sum * 256 + octet, 0);
  if (!Number.isSafeInteger(length)) throw violation("a frame is too long");
  return length;
}

function violation(what: string): Error {
  return new Error(`the peer does not speak WebSocket: ${what}`);
}
