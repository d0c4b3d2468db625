import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type ForwardProxy = AsyncDisposable & {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** First lines of what it was asked, with what was shown to it: `CONNECT a.test:443 Basic ...`. */
  readonly asked: readonly string[];
};

/** A proxy for HTTP, and by CONNECT for all else, that takes every host for the server at `target`. */
export async function forwardProxy(target: string): Promise<ForwardProxy> {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    client.once("data", (first: Buffer) => {
      const head = first.toString("latin1");
      const [method = "", place = ""] = head.split(" ");
      const shown = /^proxy-authorization: (.*)\r$/im.exec(head)?.[1];
      asked.push([method, place, shown].filter(Boolean).join(" "));
      const [hostname, port] = target.split(":");
      const peer = connect(Number(port), hostname);
      for (const [socket, other] of [
        [client, peer],
        [peer, client],
      ] as const) {
        open.add(socket);
        socket.on("error", () => other.destroy()).on("close", () => other.destroy());
      }
      if (method === "CONNECT") client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      else peer.write(first);
      client.pipe(peer).pipe(client);
    });
    client.on("error", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
