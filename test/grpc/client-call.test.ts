import { expect, test } from "bun:test";
import { createChannel } from "../../src/grpc/channel.ts";
import type { ClientCall } from "../../src/grpc/client-call.ts";
import { grpcCode } from "../../src/grpc/grpc-code.ts";
import { GrpcError } from "../../src/grpc/grpc-error.ts";
import { RawPeer, settings } from "../support/raw-peer.ts";

test("a call whose opening is what ends the connection fails like all others", async () => {
  const peer = new RawPeer(true);
  using channel = createChannel(peer.stream, { authority: "localhost" });
  peer.send(settings());
  // The peer reads nothing more, so that what opens the calls piles up until the connection gives up.
  peer.hasRoom = false;
  const calls: ClientCall[] = [];
  const openAll = (): void => {
    while (!peer.isClosed) calls.push(channel.open("/test/Method"));
  };
  expect(openAll).toThrow(new GrpcError(grpcCode.unavailable, "The connection is closed"));
  expect(calls.length).toBeGreaterThan(1000);
  expect(await channel.closed).toBeInstanceOf(Error);
  for (const call of calls) {
    expect(await call.status).toMatchObject({ code: grpcCode.unavailable });
  }
});
