import type { Socket } from "node:net";
import { type TcpLine, tcpLine } from "../../support/tcp-line.ts";

/** What becomes of a connection after so many bytes one way; what is not named goes on for ever. */
export type LineFault = {
  /** Bytes to the server. */
  readonly up?: number;
  /** Bytes from it. */
  readonly down?: number;
  /** Broken off, or left open without anything more coming through. */
  readonly ending: "cut" | "hold";
};

export type FaultyLine = TcpLine & { readonly connections: () => number };

/** A line to the server at `target` that does to its connections, one after the other, what it is told. */
export async function faultyLine(
  target: string,
  faultOf: (connection: number) => LineFault | undefined,
): Promise<FaultyLine> {
  let count = 0;
  const line = await tcpLine(target, (client, peer) => {
    const fault = faultOf(++count);
    const atLimit = (): void => {
      if (fault?.ending !== "cut") return;
      client.destroy();
      peer.destroy();
    };
    pass(client, peer, fault?.up, atLimit);
    pass(peer, client, fault?.down, atLimit);
  });
  return { ...line, connections: () => count };
}

function pass(
  from: Socket,
  to: Socket,
  limit = Number.POSITIVE_INFINITY,
  atLimit: () => void,
): void {
  let left = limit;
  from.on("data", (chunk: Buffer) => {
    const piece = chunk.subarray(0, Math.min(chunk.length, left));
    left -= piece.length;
    from.pause();
    const next = left > 0 ? () => from.resume() : atLimit;
    if (piece.length > 0) to.write(piece, next);
  });
}
