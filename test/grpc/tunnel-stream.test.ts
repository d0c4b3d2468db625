import { expect, test } from "bun:test";
import { createClient } from "@connectrpc/connect";
import { Control } from "../../src/gen/buildkit/control_pb.ts";
import { Health } from "../../src/gen/grpc/health_pb.ts";
import type { Channel } from "../../src/grpc/channel.ts";
import { createChannel } from "../../src/grpc/channel.ts";
import { createChannelTransport } from "../../src/grpc/channel-transport.ts";
import type { RawHandler } from "../../src/grpc/grpc-service.ts";
import { grpcService } from "../../src/grpc/grpc-service.ts";
import { serveGrpc } from "../../src/grpc/serve-grpc.ts";
import { createTunnelStream } from "../../src/grpc/tunnel-stream.ts";
import { createMemoryPair } from "../support/memory-pair.ts";

const session = "/moby.buildkit.v1.Control/Session";
const health = grpcService(Health, { check: () => ({ status: 1 }) });

type Tunnel = Disposable & { outer: Channel; inner: Channel };

/** As with BuildKit: our client opens a call, and its far side is the client of a connection inside it. */
async function openTunnel(handlers: ReadonlyMap<string, RawHandler>): Promise<Tunnel> {
  const [near, far] = createMemoryPair();
  const inner = Promise.withResolvers<Channel>();
  const control = grpcService(Control, {
    session: {
      async raw(call) {
        const ended = Promise.withResolvers<void>();
        const stream = createTunnelStream({
          messages: call.messages,
          sendParts: (parts) => call.sendParts(parts),
          end: () => ended.resolve(),
        });
        const channel = createChannel(stream, { authority: "inner" });
        inner.resolve(channel);
        await Promise.race([channel.closed, ended.promise]);
      },
    },
  });
  serveGrpc(far, [control, health]);
  const outer = createChannel(near, { authority: "outer" });
  const call = outer.open(session);
  serveGrpc(createTunnelStream(call), [health, { handlers }]);
  const innerChannel = await inner.promise;
  return { outer, inner: innerChannel, [Symbol.dispose]: () => outer.close() };
}

test("createTunnelStream() carries large messages both ways, whole and in order", async () => {
  const sizes = [0, 1, 70_000, 3_000_000, 16 * 1024 * 1024, 5];
  using tunnel = await openTunnel(
    new Map([
      [
        "/test/Echo",
        async (call) => {
          for await (const message of call.messages) await call.send(message);
        },
      ],
    ]),
  );
  const call = tunnel.inner.open("/test/Echo");
  const sending = (async () => {
    for (const [index, size] of sizes.entries()) await call.send(new Uint8Array(size).fill(index));
    call.end();
  })();
  let index = 0;
  for await (const message of call.messages) {
    expect(message.length).toBe(sizes[index] ?? -1);
    expect(Buffer.alloc(message.length, index).equals(message)).toBe(true);
    index++;
  }
  await sending;
  expect(index).toBe(sizes.length);
  expect(await call.status).toMatchObject({ code: 0 });
});

test("serveGrpc() answers health checks in a tunnel while a stream is held up", async () => {
  let sent = 0;
  const stopped = Promise.withResolvers<void>();
  using tunnel = await openTunnel(
    new Map([
      [
        "/test/Endless",
        async (call) => {
          const chunk = new Uint8Array(256 * 1024);
          try {
            for (;;) {
              await call.send(chunk);
              sent += chunk.length;
            }
          } finally {
            expect(call.signal.aborted).toBe(true);
            stopped.resolve();
          }
        },
      ],
    ]),
  );
  // Nobody reads: the windows fill up, and what is sent stays within them.
  const call = tunnel.inner.open("/test/Endless");
  const client = createClient(Health, createChannelTransport(tunnel.inner));
  for (let count = 0; count < 50; count++)
    expect(await client.check({})).toMatchObject({ status: 1 });
  expect(sent).toBeGreaterThan(1024 * 1024);
  expect(sent).toBeLessThan(8 * 1024 * 1024);
  const before = sent;
  for (let count = 0; count < 50; count++) await client.check({});
  expect(sent).toBe(before);
  call.cancel();
  await stopped.promise;
  expect(await call.status).toMatchObject({ code: 1 });
});

test("createTunnelStream() ends with an error when the peer sends no bytes message", async () => {
  const [near, far] = createMemoryPair();
  const control = grpcService(Control, {
    session: { raw: async (call) => call.send(Uint8Array.of(0x0a, 0x05, 1)) },
  });
  serveGrpc(far, [control]);
  using outer = createChannel(near, { authority: "outer" });
  const ended = Promise.withResolvers<Error | undefined>();
  createTunnelStream(outer.open(session)).start({
    data: () => {},
    drain: () => {},
    end: ended.resolve,
  });
  expect((await ended.promise)?.message).toContain("something else than bytes");
});
