import { describe, expect, test } from "bun:test";
import { Http2Connection } from "../../src/http2/http2-connection.ts";
import type { Http2Limits } from "../../src/http2/http2-limits.ts";
import { errorCode } from "../../src/http2/error-code.ts";
import { frameFlag, frameType } from "../../src/http2/frame.ts";
import { settingId } from "../../src/http2/settings.ts";
import type { StreamHandle } from "../../src/http2/stream-handle.ts";
import {
  RawPeer,
  data,
  preface,
  request,
  response,
  settings,
  settingsAck,
  turn,
  windowUpdate,
} from "../support/raw-peer.ts";
import { StreamLog } from "../support/stream-log.ts";

const fields = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/a"],
] as const;

type Setup = { peer: RawPeer; connection: Http2Connection; stream: StreamHandle; log: StreamLog };

/** Stream 1 is open; the connection's window is out of the way. */
function setUp(role: "client" | "server", limits: Partial<Http2Limits> = {}): Setup {
  const peer = new RawPeer(role === "client");
  const log = new StreamLog();
  if (role === "client") {
    const connection = new Http2Connection(peer.stream, { limits });
    peer.send(settings(), settingsAck, windowUpdate(0, 1 << 30));
    return { peer, connection, log, stream: connection.open(fields, log) };
  }
  let accepted: StreamHandle | undefined;
  const connection = new Http2Connection(peer.stream, {
    limits,
    accept(stream) {
      accepted = stream;
      return log;
    },
  });
  peer.send(preface, settings(), settingsAck, windowUpdate(0, 1 << 30), request(1));
  if (accepted === undefined) throw new Error("The stream was not accepted");
  accepted.sendHeaders([[":status", "200"]]);
  return { peer, connection, log, stream: accepted };
}

describe.each(["client", "server"] as const)("Http2Connection as a %s", (role) => {
  test("adds a changed initial window to streams that got WINDOW_UPDATEs", async () => {
    const { peer, stream } = setUp(role);
    stream.write(new Uint8Array(1024 * 1024));
    await turn();
    expect(peer.dataBytes).toBe(65_535);
    peer.send(windowUpdate(1, 100_000));
    await turn();
    peer.send(settings([settingId.initialWindowSize, 165_535]));
    await turn();
    expect(peer.dataBytes).toBe(265_535);
    peer.send(settings([settingId.initialWindowSize, 265_535]));
    await turn();
    expect(peer.dataBytes).toBe(365_535);
  });

  test("waits until a window that was shrunk below zero is positive again", async () => {
    const { peer, stream } = setUp(role);
    stream.write(new Uint8Array(200_000));
    await turn();
    peer.send(settings([settingId.initialWindowSize, 0]));
    peer.send(windowUpdate(1, 65_535));
    await turn();
    // 65,535 sent of a window of 0 + 65,535: nothing is left.
    expect(peer.dataBytes).toBe(65_535);
    peer.send(windowUpdate(1, 1));
    await turn();
    expect(peer.dataBytes).toBe(65_536);
  });

  test("sends everything through a window of one byte", async () => {
    const { peer, stream } = setUp(role);
    peer.send(settings([settingId.initialWindowSize, 1]));
    stream.write(new Uint8Array(100));
    stream.end();
    await turn();
    for (let sent = 1; sent < 100; sent++) {
      expect(peer.dataBytes).toBe(sent);
      peer.send(windowUpdate(1, 1));
    }
    expect(peer.dataBytes).toBe(100);
    const last = peer.frames.findLast(({ type }) => type === frameType.data);
    expect(last?.flags).toBe(frameFlag.endStream);
  });

  test("answers a window over 2^31 - 1 with FLOW_CONTROL_ERROR", async () => {
    const { peer } = setUp(role);
    peer.send(windowUpdate(1, 0x7fffffff));
    await turn();
    expect(peer.resets).toEqual([{ streamId: 1, code: errorCode.flowControlError }]);
    peer.send(windowUpdate(0, 0x7fffffff));
    await turn();
    expect(peer.goawayCodes).toEqual([errorCode.flowControlError]);
  });

  test("lets the peer send as much as was consumed, not more", async () => {
    const limits = { streamWindow: 100_000, connectionWindow: 200_000 };
    const { peer, stream, log } = setUp(role, limits);
    if (role === "client") peer.send(response(1));
    for (let count = 0; count < 10; count++) peer.send(data(1, new Uint8Array(10_000)));
    await turn();
    expect(log.bytes).toBe(100_000);
    expect(peer.windowUpdates(1)).toBe(0);
    stream.consume(40_000);
    await turn();
    expect(peer.windowUpdates(1)).toBe(40_000);
    for (let count = 0; count < 4; count++) peer.send(data(1, new Uint8Array(10_000)));
    expect(log.error).toBeUndefined();
    peer.send(data(1, new Uint8Array(1)));
    await turn();
    expect(log.error?.code).toBe(errorCode.flowControlError);
    expect(peer.resets).toEqual([{ streamId: 1, code: errorCode.flowControlError }]);
    expect(peer.goawayCodes).toEqual([]);
  });

  test("gives the connection's window back for a stream that was reset", async () => {
    const limits = { streamWindow: 100_000, connectionWindow: 100_000 };
    const { peer, stream } = setUp(role, limits);
    if (role === "client") peer.send(response(1));
    const early = peer.windowUpdates(0);
    for (let count = 0; count < 6; count++) peer.send(data(1, new Uint8Array(10_000)));
    stream.reset(errorCode.cancel);
    // Still under way when the reset arrived.
    for (let count = 0; count < 4; count++) peer.send(data(1, new Uint8Array(10_000)));
    await turn();
    expect(peer.windowUpdates(0) - early).toBeGreaterThanOrEqual(90_000);
    expect(peer.goawayCodes).toEqual([]);
  });

  test("counts padding for the windows and keeps it from the application", async () => {
    const { peer, log, stream } = setUp(role, { streamWindow: 1000, connectionWindow: 65_535 });
    if (role === "client") peer.send(response(1));
    const padded = new Uint8Array(500);
    padded[0] = 199;
    peer.send(data(1, padded, frameFlag.padded));
    await turn();
    expect(log.bytes).toBe(300);
    stream.consume(300);
    await turn();
    expect(peer.windowUpdates(1)).toBe(500);
  });

  test("takes no more from a writer than what the peer takes", async () => {
    const { peer, stream, log } = setUp(role);
    let written = 0;
    while (stream.write(new Uint8Array(16_384))) written += 16_384;
    expect(written).toBeLessThanOrEqual(512 * 1024);
    await turn();
    expect(log.drains).toBe(0);
    peer.send(windowUpdate(1, 1 << 20));
    await turn();
    expect(log.drains).toBe(1);
  });

  test("answers PING ahead of queued data", async () => {
    const { peer, stream } = setUp(role);
    peer.send(windowUpdate(1, 1 << 30));
    await turn();
    peer.hasRoom = false;
    stream.write(new Uint8Array(400_000));
    await turn();
    const before = peer.frames.length;
    const ping = new Uint8Array([0, 0, 8, frameType.ping, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    peer.send(ping);
    await turn();
    expect(peer.frames.length).toBe(before);
    peer.drain();
    expect(peer.frames[before]?.type).toBe(frameType.ping);
    expect(peer.frames[before]?.payload).toEqual(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]));
    await turn();
    expect(peer.dataBytes).toBe(400_000);
  });
});

test("Http2Connection gives streams their turn frame by frame", async () => {
  const { peer, connection, stream } = setUp("client");
  const other = connection.open(fields, new StreamLog());
  peer.send(windowUpdate(1, 1 << 30));
  stream.write(new Uint8Array(65_536));
  other.write(new Uint8Array(65_536));
  await turn();
  const order = peer.frames.filter(({ type }) => type === frameType.data).map((f) => f.streamId);
  expect(order).toEqual([1, 3, 1, 3, 1, 3, 1, 3]);
});

test("Http2Connection opens no more streams than the peer allows", async () => {
  const peer = new RawPeer(true);
  const connection = new Http2Connection(peer.stream);
  peer.send(settings([settingId.maxConcurrentStreams, 1]));
  const first = new StreamLog();
  connection.open(fields, first).end();
  connection.open(fields, new StreamLog()).end();
  const opened = (): number[] =>
    peer.frames.filter(({ type }) => type === frameType.headers).map((frame) => frame.streamId);
  await turn();
  expect(opened()).toEqual([1]);
  peer.send(response(1, true));
  await turn();
  expect(first.trailers).toEqual([]);
  expect(opened()).toEqual([1, 3]);
});
