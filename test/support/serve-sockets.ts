import type { Socket } from "bun";
import type { ByteStream } from "../../src/http2/byte-stream.ts";
import { SocketStream } from "../../src/http2/socket-stream.ts";

/** Listens on a unix socket; gives each connection to `onStream`. */
export function serveSockets(path: string, onStream: (stream: ByteStream) => void): Disposable {
  const listener = Bun.listen<unknown>({
    unix: path,
    socket: {
      open(socket) {
        const stream = new SocketStream();
        socket.data = stream;
        void stream.handlers.open?.(plain(socket));
        onStream(stream);
      },
      data: (socket, chunk) => of(socket).handlers.data?.(plain(socket), chunk),
      drain: (socket) => of(socket).handlers.drain?.(plain(socket)),
      end: (socket) => of(socket).handlers.end?.(plain(socket)),
      close: (socket, error) => of(socket).handlers.close?.(plain(socket), error),
      error: (socket, error) => of(socket).handlers.error?.(plain(socket), error),
    },
  });
  return { [Symbol.dispose]: () => listener.stop(true) };
}

function of(socket: Socket<unknown>): SocketStream {
  return socket.data as SocketStream;
}

function plain(socket: Socket<unknown>): Socket {
  return socket as Socket;
}
