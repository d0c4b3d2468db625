import { writeUint32 } from "../http2/frame.ts";
import type { StreamHandle } from "../http2/stream-handle.ts";
import { grpcCode } from "./grpc-code.ts";
import { GrpcError } from "./grpc-error.ts";
import { encodeMessagePrefix, maxMessageSize, messagePrefixSize } from "./message-frame.ts";

/** Bytes. What is smaller is copied together: each piece costs more on its way to the socket than the copy. */
const joinedSize = 16 * 1024;

/** How both sides of a call send messages. */
export type SendMessages = {
  /**
   * Sends one message, which the caller may not change afterwards. When a promise comes back, await it before the next:
   * the line is full. Throws a `GrpcError`, or rejects with one, when the call is over or the message is over 16 MiB.
   */
  send(message: Uint8Array): Promise<void> | void;
  /** The same for a message that is in several pieces, which saves joining them. */
  sendParts(parts: readonly Uint8Array[]): Promise<void> | void;
};

/** Frames messages onto a stream and turns its `drain` into promises. */
export class MessageSender implements SendMessages {
  readonly #stream: StreamHandle;
  #drained: PromiseWithResolvers<void> | undefined;
  #over: GrpcError | undefined;

  constructor(stream: StreamHandle) {
    this.#stream = stream;
  }

  send(message: Uint8Array): Promise<void> | void {
    return this.sendParts([message]);
  }

  sendParts(parts: readonly Uint8Array[]): Promise<void> | void {
    if (this.#over !== undefined) throw this.#over;
    let length = 0;
    for (const part of parts) length += part.length;
    if (length > maxMessageSize) {
      throw new GrpcError(
        grpcCode.resourceExhausted,
        `Cannot send a message of ${length} bytes: ${maxMessageSize} are allowed`,
      );
    }
    let hasRoom = true;
    if (length <= joinedSize) hasRoom = this.#stream.write(joined(parts, length));
    else {
      hasRoom = this.#stream.write(encodeMessagePrefix(length));
      for (const part of parts) hasRoom = this.#stream.write(part);
    }
    if (hasRoom) return undefined;
    this.#drained ??= Promise.withResolvers<void>();
    return this.#drained.promise;
  }

  /** The stream has room again. */
  drain(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** Nothing can be sent any more. */
  fail(error: GrpcError): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    this.#drained?.reject(error);
    this.#drained = undefined;
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const message = new Uint8Array(messagePrefixSize + length);
  writeUint32(message, 1, length);
  let position = messagePrefixSize;
  for (const part of parts) {
    message.set(part, position);
    position += part.length;
  }
  return message;
}
