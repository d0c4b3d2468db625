import { tcpLine } from "../../support/tcp-line.ts";

export type ForwardProxy = AsyncDisposable & {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** First lines of what it was asked, with what was shown to it: `CONNECT a.test:443 Basic ...`. */
  readonly asked: readonly string[];
};

/** A proxy for HTTP, and by CONNECT for all else, that takes every host for the server at `target`. */
export async function forwardProxy(target: string): Promise<ForwardProxy> {
  const asked: string[] = [];
  const line = await tcpLine(target, (client, peer) => {
    client.once("data", (first: Buffer) => {
      const head = first.toString("latin1");
      const [method = "", place = ""] = head.split(" ");
      const shown = /^proxy-authorization: (.*)\r$/im.exec(head)?.[1];
      asked.push([method, place, shown].filter(Boolean).join(" "));
      if (method === "CONNECT") client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      else peer.write(first);
      client.pipe(peer).pipe(client);
    });
  });
  return {
    url: `http://${line.address}`,
    asked,
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}
