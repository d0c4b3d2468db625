import { type TcpLine, tcpLine } from "./tcp-line.ts";

export type CountingRelay = TcpLine & {
  /** Bytes so far, from clients and to them, headers included. */
  readonly bytes: { sent: number; received: number };
};

/** Stands in front of a server at `target`, `host:port`, passes everything on and counts it. */
export async function startCountingRelay(target: string): Promise<CountingRelay> {
  const bytes = { sent: 0, received: 0 };
  const line = await tcpLine(target, (client, peer) => {
    client.on("data", ({ length }) => (bytes.sent += length));
    peer.on("data", ({ length }) => (bytes.received += length));
    client.pipe(peer).pipe(client);
  });
  return { ...line, bytes };
}
