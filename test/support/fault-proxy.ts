import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tempDirectory } from "./temp-directory.ts";
import { waitUntil } from "./wait-until.ts";

/** `up`: to the daemon. `down`: from it. */
export type Way = "up" | "down";

/** A line to a daemon that does what lines do at their worst. What it is told holds for all its connections. */
export type FaultProxy = AsyncDisposable & {
  /** As BUILDKIT_HOST has it. */
  readonly address: string;
  /** The bytes that all connections together have passed on. */
  passed(way: Way): number;
  /**
   * Holds everything, both ways, once a connection has passed on so many bytes; resolves then. Each connection stays
   * open, as new ones do, and nothing more comes through until `resume` or `cut`.
   */
  holdAt(way: Way, bytes: number): Promise<void>;
  /** Holds everything once so many connections were made, with nothing passed on of the last one. Resolves then. */
  holdAtConnection(count: number): Promise<void>;
  /** Passes on what was held, and everything from now on. */
  resume(): void;
  /** Breaks all connections; new ones are passed on. */
  cut(): void;
  /** Passes on about so many bytes a second at most on each connection, each way. */
  throttle(rate: number): void;
};

type Limit = { readonly way: Way; readonly bytes: number; readonly reached: () => void };

/** Stands in front of a daemon at `unix:///path` and passes everything on until it is told otherwise. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const directory = await tempDirectory();
  const open = new Set<Socket>();
  const total = { up: 0, down: 0 };
  let connections = 0;
  let lastConnection = Number.POSITIVE_INFINITY;
  let limit: Limit | undefined;
  let isHeld = false;
  let released = Promise.withResolvers<void>();
  let rate = Number.POSITIVE_INFINITY;

  function hold(): void {
    if (!isHeld) released = Promise.withResolvers<void>();
    isHeld = true;
  }
  function resume(): void {
    isHeld = false;
    released.resolve();
  }

  async function pass(from: Socket, to: Socket, way: Way): Promise<void> {
    let count = 0;
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let rest = chunk; rest.length > 0;) {
        if (isHeld) await released.promise;
        if (to.destroyed) return;
        const own = limit?.way === way ? limit : undefined;
        const room = Math.max(1, own === undefined ? rest.length : own.bytes - count);
        const piece = rest.subarray(0, Math.min(room, rate));
        rest = rest.subarray(piece.length);
        count += piece.length;
        total[way] += piece.length;
        if (!to.write(piece)) await drained(to);
        if (own !== undefined && count >= own.bytes && limit === own) {
          limit = undefined;
          hold();
          own.reached();
        }
        if (Number.isFinite(rate)) await sleep((piece.length / rate) * 1000);
      }
    }
    to.end();
  }

  const server = createServer((client) => {
    connections += 1;
    if (connections === lastConnection) hold();
    const daemon = connect(target.replace(/^unix:\/\//, ""));
    for (const [socket, other] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      open.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          open.delete(socket);
          // Nobody learns of the other's end while all is held.
          if (isHeld) void released.promise.then(() => other.destroySoon());
          else other.destroySoon();
        });
    }
    for (const passing of [pass(client, daemon, "up"), pass(daemon, client, "down")]) {
      passing.catch(() => {});
    }
  });
  const path = join(directory.path, "line.sock");
  server.listen({ path });
  await once(server, "listening");

  function cut(): void {
    for (const socket of open) socket.destroy();
    resume();
  }
  return {
    address: `unix://${path}`,
    passed: (way) => total[way],
    async holdAt(way, bytes) {
      let isReached = false;
      limit = { way, bytes, reached: () => (isReached = true) };
      await waitUntil(`${bytes} bytes went ${way}`, 60_000, () => isReached || undefined);
    },
    async holdAtConnection(count) {
      lastConnection = count;
      await waitUntil(`${count} connections`, 60_000, () => connections >= count || undefined);
    },
    resume,
    cut,
    throttle(bytes) {
      rate = bytes;
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** Resolves when there is room again, or nobody left to write to. */
async function drained(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once("drain", resolve).once("close", resolve);
  await promise;
  socket.off("drain", resolve).off("close", resolve);
}
