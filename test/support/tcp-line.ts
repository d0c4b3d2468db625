import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type TcpLine = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Breaks off what is open now. */
  cut(): void;
};

/**
 * Stands in front of the server at `target`, `host:port`, and connects every client there. Ends one side once the other has ended.
 * @param join is given both ends, and brings bytes from one to the other
 */
export async function tcpLine(
  target: string,
  join: (client: Socket, peer: Socket) => void,
): Promise<TcpLine> {
  const { hostname, port } = new URL(`http://${target}`);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const peer = connect(Number(port), hostname);
    for (const [socket, other] of [
      [client, peer],
      [peer, client],
    ] as const) {
      open.add(socket);
      socket
        .on("error", () => socket.destroy())
        .on("close", () => {
          open.delete(socket);
          other.destroySoon();
        });
    }
    join(client, peer);
  });
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
