import { writeUint32 } from "../http2/frame.ts";

/** What stands before each message: a flag for compression and the length ("gRPC over HTTP2", Length-Prefixed-Message). */
export const messagePrefixSize = 5;
/** Of one message, in either direction; what BuildKit allows. */
export const maxMessageSize = 16 * 1024 * 1024;

/** What goes before a message of `length` bytes, not compressed. */
export function encodeMessagePrefix(length: number): Uint8Array {
  const prefix = new Uint8Array(messagePrefixSize);
  writeUint32(prefix, 1, length);
  return prefix;
}
