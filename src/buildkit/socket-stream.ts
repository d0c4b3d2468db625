import type { Socket, SocketHandler } from "bun";
import type { ByteStream, ByteStreamHandlers } from "../http2/byte-stream.ts";

/** Bytes waiting for the kernel from which on `write` says that it's enough. */
const highWater = 1024 * 1024;

/** A socket's handlers, and the stream that they feed. */
export type SocketStream = {
  readonly handler: SocketHandler<unknown>;
  /** To be called once the socket is open. */
  readonly toStream: (socket: Socket<unknown>) => ByteStream;
};

/** Makes a {@link ByteStream} of a Bun socket: Bun wants the handlers before there is a socket. */
export function createSocketStream(): SocketStream {
  let handlers: ByteStreamHandlers | undefined;
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let blocked = false;
  let closing = false;
  let over = false;
  let failure: Error | undefined;

  function end(error?: Error): void {
    if (over) return;
    over = true;
    waiting.length = 0;
    failure = error;
    handlers?.end(error);
  }

  function flush(socket: Socket<unknown>): void {
    for (let chunk = waiting[0]; chunk !== undefined; chunk = waiting[0]) {
      const written = Math.max(0, socket.write(chunk));
      waitingBytes -= written;
      if (written < chunk.length) {
        waiting[0] = chunk.subarray(written);
        return;
      }
      waiting.shift();
    }
    if (closing) socket.end();
    else if (blocked) {
      blocked = false;
      handlers?.drain();
    }
  }

  const handler: SocketHandler<unknown> = {
    open: (socket) => {
      // Whatever the peer says before somebody listens stays in the kernel.
      socket.pause();
    },
    data: (_, chunk) => handlers?.data(chunk),
    drain: flush,
    // The peer finished its side: there is no half-open HTTP/2 connection worth keeping.
    end: (socket) => {
      socket.end();
      end();
    },
    error: (_, error) => end(error),
    close: (_, error) => end(error),
  };

  const toStream = (socket: Socket<unknown>): ByteStream => ({
    start(given) {
      handlers = given;
      if (over) given.end(failure);
      else socket.resume();
    },
    write(chunk) {
      if (over || closing) return true;
      const written = waiting.length > 0 ? 0 : Math.max(0, socket.write(chunk));
      if (written < chunk.length) {
        waiting.push(written === 0 ? chunk : chunk.subarray(written));
        waitingBytes += chunk.length - written;
        blocked ||= waitingBytes > highWater;
      }
      return !blocked;
    },
    pause: () => {
      socket.pause();
    },
    resume: () => {
      socket.resume();
    },
    close() {
      if (closing || over) return;
      closing = true;
      if (waiting.length === 0) socket.end();
    },
  });
  return { handler, toStream };
}
