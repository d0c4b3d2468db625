import { type TcpLine, tcpLine } from "../../support/tcp-line.ts";

/** Stands between clients and a registry, and writes down what is asked. */
export type Tap = TcpLine & {
  /** Method and target of all requests so far: `POST /v2/a/blobs/uploads/?mount=...`. */
  requests(): readonly string[];
};

export async function startTap(port: number): Promise<Tap> {
  const conversations: (() => string)[] = [];
  const line = await tcpLine(`127.0.0.1:${port}`, (client, peer) => {
    let text = "";
    conversations.push(() => text);
    client.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    client.pipe(peer).pipe(client);
  });
  return {
    ...line,
    requests: () =>
      conversations.flatMap((text) =>
        [...text().matchAll(/^([A-Z]+ \/v2\/[^ ]*) HTTP\/1\.1\r$/gm)].map(
          ([, asked = ""]) => asked,
        ),
      ),
  };
}
