import { connect, createServer, type Socket } from "node:net";

/** Stands between clients and a registry, and writes down what is asked. */
export type Tap = AsyncDisposable & {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Method and target of all requests so far: `POST /v2/a/blobs/uploads/?mount=...`. */
  requests(): readonly string[];
};

export async function startTap(port: number): Promise<Tap> {
  const conversations: (() => string)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    let text = "";
    conversations.push(() => text);
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    const upstream = connect({ host: "127.0.0.1", port });
    client.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  const { promise: listening, resolve } = Promise.withResolvers<undefined>();
  server.listen(0, "127.0.0.1", () => resolve(undefined));
  await listening;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The tap has no port");
  return {
    address: `127.0.0.1:${address.port}`,
    requests: () =>
      conversations.flatMap((text) =>
        [...text().matchAll(/^([A-Z]+ \/v2\/[^ ]*) HTTP\/1\.1\r$/gm)].map(([, line = ""]) => line),
      ),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const { promise: closed, resolve: done } = Promise.withResolvers<undefined>();
      server.close(() => done(undefined));
      await closed;
    },
  };
}
