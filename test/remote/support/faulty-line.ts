import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What becomes of a connection after so many bytes one way; what is not named goes on for ever. */
export type LineFault = {
  /** Bytes to the server. */
  readonly up?: number;
  /** Bytes from it. */
  readonly down?: number;
  /** Broken off, or left open without anything more coming through. */
  readonly ending: "cut" | "hold";
};

export type FaultyLine = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  readonly connections: () => number;
  /** Breaks off what is open now. */
  readonly cut: () => void;
};

/** A line to the server at `target` that does to its connections, one after the other, what it is told. */
export async function faultyLine(
  target: string,
  faultOf: (connection: number) => LineFault | undefined,
): Promise<FaultyLine> {
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer((client) => {
    const fault = faultOf(++count);
    const [hostname, port] = target.split(":");
    const peer = connect(Number(port), hostname);
    const end = (): void => {
      client.destroy();
      peer.destroy();
    };
    for (const socket of [client, peer]) {
      open.add(socket);
      socket.on("error", end).on("close", () => {
        open.delete(socket);
        end();
      });
    }
    pass(client, peer, fault?.up, () => fault?.ending === "cut" && end());
    pass(peer, client, fault?.down, () => fault?.ending === "cut" && end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => count,
    cut() {
      for (const socket of open) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
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
