import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type CountingRelay = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Bytes so far, from clients and to them, headers included. */
  readonly bytes: { sent: number; received: number };
};

/** Stands in front of a server at `target`, `host:port`, passes everything on and counts it. */
export async function startCountingRelay(target: string): Promise<CountingRelay> {
  const url = new URL(`http://${target}`);
  const bytes = { sent: 0, received: 0 };
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const backend = connect(Number(url.port), url.hostname);
    client.on("data", ({ length }) => (bytes.sent += length));
    backend.on("data", ({ length }) => (bytes.received += length));
    for (const [socket, other] of [
      [client, backend],
      [backend, client],
    ] as const) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
