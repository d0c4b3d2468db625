import type { ByteStream } from "./byte-stream.ts";
import { SocketStream } from "./socket-stream.ts";

export type SocketAddress =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "tcp";
      readonly hostname: string;
      readonly port: number;
      /** Speaks TLS; `ALPNProtocols: "h2"` is for the caller to set. */
      readonly tls?: Bun.TLSOptions;
    };

export type ConnectSocketOptions = {
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
  const gaveUp = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    gaveUp.reject(new DOMException(`No connection within ${timeoutMs} ms`, "TimeoutError"));
  }, timeoutMs);
  const onAbort = (): void => gaveUp.reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([open(address, stream), gaveUp.promise]);
    return stream;
  } catch (error) {
    stream.close();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

async function open(address: SocketAddress, stream: SocketStream): Promise<void> {
  const socket = stream.handlers;
  if (address.kind === "unix") {
    await Bun.connect({ unix: address.path, socket });
    return;
  }
  const { hostname, port, tls } = address;
  await Bun.connect({ hostname, port, socket, ...(tls === undefined ? {} : { tls }) });
}
