import type { SocketHandler } from "bun";
import { createDeadline } from "../base/deadline.ts";
import type { ByteStream } from "./byte-stream.ts";
import { SocketStream } from "./socket-stream.ts";

/** A socket of this machine or a port, with TLS if there are settings for it. */
export type SocketAddress =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "tcp";
      readonly hostname: string;
      readonly port: number;
      /** Speaks TLS and offers `h2`, unless they name another protocol; the certificate is verified unless `rejectUnauthorized` is false. */
      readonly tls?: Bun.TLSOptions;
    };

type ConnectSocketOptions = {
  readonly signal?: AbortSignal | undefined;
  /** For the connection to be there, TLS included; 10 s when absent. */
  readonly timeoutMs?: number | undefined;
};

/** Connects to `address`. Throws the system's error (`code` is `ENOENT`, `ECONNREFUSED` …), a `TimeoutError`, or the signal's reason. */
export async function connectSocket(
  address: SocketAddress,
  options: ConnectSocketOptions = {},
): Promise<ByteStream> {
  const { signal, timeoutMs = 10_000 } = options;
  signal?.throwIfAborted();
  const stream = new SocketStream();
  using deadline = createDeadline({ signal, timeout: timeoutMs });
  try {
    await Promise.race([open(address, stream), deadline.passed]);
    return stream;
  } catch (error) {
    stream.close();
    throw error;
  }
}

/** Silence after which the kernel asks whether the peer is still there: some step of a network forgets quiet connections. */
const idleMs = 30_000;

/** One protocol name with its length before it: Bun hands this to the TLS library as it is. */
const alpnProtocols = "\x02h2";

async function open(address: SocketAddress, stream: SocketStream): Promise<void> {
  if (address.kind === "unix") {
    await Bun.connect({ unix: address.path, socket: stream.handlers });
    return;
  }
  const { hostname, port, tls } = address;
  if (tls === undefined) {
    (await Bun.connect({ hostname, port, socket: stream.handlers })).setKeepAlive(true, idleMs);
    return;
  }
  const shaken = Promise.withResolvers<void>();
  const socket: SocketHandler<undefined> = {
    ...stream.handlers,
    handshake(_socket, success, problem) {
      if (success || (tls.rejectUnauthorized === false && problem !== null)) shaken.resolve();
      else shaken.reject(problem ?? new Error("The TLS handshake failed"));
    },
    close(closed, error) {
      shaken.reject(
        error ?? new Error("The server closed the connection during the TLS handshake"),
      );
      void stream.handlers.close?.(closed, error);
    },
  };
  // Together, so that whichever fails first is seen and the other is not left unhandled.
  const [connected] = await Promise.all([
    Bun.connect({ hostname, port, socket, tls: { ALPNProtocols: alpnProtocols, ...tls } }),
    shaken.promise,
  ]);
  connected.setKeepAlive(true, idleMs);
}
