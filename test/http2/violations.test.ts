import { describe, expect, test } from "bun:test";
import { errorCode } from "../../src/http2/error-code.ts";
import {
  encodeFrame,
  encodeFrameHeader,
  encodeGoaway,
  encodeHeaderFrames,
  encodeNumberFrame,
  frameFlag,
  frameType,
} from "../../src/http2/frame.ts";
import type { HeaderList } from "../../src/http2/header-list.ts";
import { encodeHeaders } from "../../src/http2/hpack/encode-headers.ts";
import { Http2Connection } from "../../src/http2/http2-connection.ts";
import type { Http2Limits } from "../../src/http2/http2-limits.ts";
import { settingId } from "../../src/http2/settings.ts";
import type { StreamHandle } from "../../src/http2/stream-handle.ts";
import {
  RawPeer,
  data,
  preface,
  request,
  response,
  settings,
  turn,
  windowUpdate,
} from "../support/raw-peer.ts";
import { StreamLog } from "../support/stream-log.ts";

const none = new Uint8Array();
const eight = new Uint8Array(8);

type Served = {
  peer: RawPeer;
  connection: Http2Connection;
  logs: StreamLog[];
  streams: StreamHandle[];
};

function serve(limits: Partial<Http2Limits> = {}): Served {
  const peer = new RawPeer(false);
  const logs: StreamLog[] = [];
  const streams: StreamHandle[] = [];
  const connection = new Http2Connection(peer.stream, {
    limits,
    accept(stream) {
      streams.push(stream);
      const log = new StreamLog();
      logs.push(log);
      return log;
    },
  });
  return { peer, connection, logs, streams };
}

function fieldsFrame(streamId: number, fields: HeaderList, flags = 0): Uint8Array {
  return encodeFrame(
    frameType.headers,
    flags | frameFlag.endHeaders,
    streamId,
    encodeHeaders(fields),
  );
}

const minimal: HeaderList = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/a"],
];

const connectionErrors: [what: string, code: keyof typeof errorCode, frames: Uint8Array[]][] = [
  ["DATA on stream 0", "protocolError", [data(0, none)]],
  ["DATA on an idle stream", "protocolError", [data(1, none)]],
  ["HEADERS on stream 0", "protocolError", [request(0)]],
  ["HEADERS on an even stream", "protocolError", [request(2)]],
  [
    "CONTINUATION without HEADERS",
    "protocolError",
    [encodeFrame(frameType.continuation, 4, 1, none)],
  ],
  [
    "CONTINUATION of another stream",
    "protocolError",
    [encodeFrame(frameType.headers, 0, 1, none), encodeFrame(frameType.continuation, 4, 3, none)],
  ],
  [
    "PING inside a header block",
    "protocolError",
    [encodeFrame(frameType.headers, 0, 1, none), encodeFrame(frameType.ping, 0, 0, eight)],
  ],
  [
    "padding as long as the frame",
    "protocolError",
    [request(1), data(1, new Uint8Array([2, 0]), frameFlag.padded)],
  ],
  ["an empty padded frame", "frameSizeError", [request(1), data(1, none, frameFlag.padded)]],
  [
    "HEADERS too short for its priority",
    "frameSizeError",
    [encodeFrame(frameType.headers, 0x24, 1, new Uint8Array(4))],
  ],
  [
    "an invalid header block",
    "compressionError",
    [encodeFrame(frameType.headers, 4, 1, new Uint8Array([0x80]))],
  ],
  [
    "PRIORITY on stream 0",
    "protocolError",
    [encodeFrame(frameType.priority, 0, 0, new Uint8Array(5))],
  ],
  ["RST_STREAM on stream 0", "protocolError", [encodeNumberFrame(frameType.rstStream, 0, 8)]],
  ["RST_STREAM on an idle stream", "protocolError", [encodeNumberFrame(frameType.rstStream, 1, 8)]],
  [
    "RST_STREAM of 3 octets",
    "frameSizeError",
    [request(1), encodeFrame(frameType.rstStream, 0, 1, new Uint8Array(3))],
  ],
  ["SETTINGS on a stream", "protocolError", [encodeFrame(frameType.settings, 0, 1, none)]],
  [
    "SETTINGS of 5 octets",
    "frameSizeError",
    [encodeFrame(frameType.settings, 0, 0, new Uint8Array(5))],
  ],
  [
    "an ack of SETTINGS with content",
    "frameSizeError",
    [encodeFrame(frameType.settings, 1, 0, new Uint8Array(6))],
  ],
  ["ENABLE_PUSH of 2", "protocolError", [settings([settingId.enablePush, 2])]],
  [
    "INITIAL_WINDOW_SIZE of 2^31",
    "flowControlError",
    [settings([settingId.initialWindowSize, 0x80000000])],
  ],
  [
    "INITIAL_WINDOW_SIZE that lifts a stream over the limit",
    "flowControlError",
    [request(1), windowUpdate(1, 0x7fff0000), settings([settingId.initialWindowSize, 0x7fffffff])],
  ],
  ["MAX_FRAME_SIZE of 16,383", "protocolError", [settings([settingId.maxFrameSize, 16_383])]],
  ["PUSH_PROMISE", "protocolError", [request(1), encodeFrame(frameType.pushPromise, 4, 1, eight)]],
  ["PING on a stream", "protocolError", [encodeFrame(frameType.ping, 0, 1, eight)]],
  ["PING of 7 octets", "frameSizeError", [encodeFrame(frameType.ping, 0, 0, new Uint8Array(7))]],
  ["GOAWAY on a stream", "protocolError", [encodeFrame(frameType.goaway, 0, 1, eight)]],
  [
    "GOAWAY of 7 octets",
    "frameSizeError",
    [encodeFrame(frameType.goaway, 0, 0, new Uint8Array(7))],
  ],
  [
    "WINDOW_UPDATE of 3 octets",
    "frameSizeError",
    [encodeFrame(frameType.windowUpdate, 0, 0, new Uint8Array(3))],
  ],
  ["WINDOW_UPDATE of 0 for the connection", "protocolError", [windowUpdate(0, 0)]],
  ["WINDOW_UPDATE on an idle stream", "protocolError", [windowUpdate(1, 1)]],
  [
    "a frame over 16,384 octets",
    "frameSizeError",
    [encodeFrameHeader(frameType.data, 0, 1, 16_385)],
  ],
];

const streamErrors: [what: string, code: keyof typeof errorCode, frames: Uint8Array[]][] = [
  ["DATA after the end", "streamClosed", [request(1, true), data(1, none)]],
  ["HEADERS after the end", "streamClosed", [request(1, true), request(1, true)]],
  [
    "trailers that do not end the stream",
    "protocolError",
    [request(1), fieldsFrame(1, [["a", "b"]])],
  ],
  [
    "a pseudo field in trailers",
    "protocolError",
    [request(1), fieldsFrame(1, [[":path", "/"]], 1)],
  ],
  ["WINDOW_UPDATE of 0", "protocolError", [request(1), windowUpdate(1, 0)]],
  [
    "PRIORITY of 4 octets",
    "frameSizeError",
    [request(1), encodeFrame(frameType.priority, 0, 1, new Uint8Array(4))],
  ],
  ["a request without a path", "protocolError", [fieldsFrame(1, minimal.slice(0, 2))]],
  ["a pseudo field twice", "protocolError", [fieldsFrame(1, [...minimal, [":path", "/b"]])]],
  ["a pseudo field after others", "protocolError", [fieldsFrame(1, [["a", "b"], ...minimal])]],
  ["an unknown pseudo field", "protocolError", [fieldsFrame(1, [...minimal, [":status", "200"]])]],
  ["a name in upper case", "protocolError", [fieldsFrame(1, [...minimal, ["A", "b"]])]],
  ["an empty name", "protocolError", [fieldsFrame(1, [...minimal, ["", "b"]])]],
  [
    "a line feed in a value",
    "protocolError",
    [
      encodeFrame(
        frameType.headers,
        frameFlag.endHeaders,
        1,
        Buffer.concat([encodeHeaders(minimal), Uint8Array.of(0, 1, 97, 3, 98, 10, 99)]),
      ),
    ],
  ],
  ["a connection field", "protocolError", [fieldsFrame(1, [...minimal, ["connection", "close"]])]],
  ["te other than trailers", "protocolError", [fieldsFrame(1, [...minimal, ["te", "gzip"]])]],
  [
    "content-length that is no number",
    "protocolError",
    [fieldsFrame(1, [...minimal, ["content-length", "x"]])],
  ],
  [
    "less content than announced",
    "protocolError",
    [
      fieldsFrame(1, [...minimal, ["content-length", "2"]]),
      data(1, new Uint8Array(1), frameFlag.endStream),
    ],
  ],
];

describe("Http2Connection as a server", () => {
  test.each(connectionErrors)("ends the connection for %s with %s", async (_what, code, frames) => {
    const { peer, connection, logs } = serve();
    peer.send(preface, settings(), ...frames);
    await turn();
    expect(peer.goawayCodes).toEqual([errorCode[code]]);
    expect(peer.isClosed).toBe(true);
    expect(await connection.closed).toMatchObject({ code: errorCode[code] });
    for (const log of logs) expect(log.error).toBeDefined();
  });

  test.each(streamErrors)("resets the stream for %s with %s", async (_what, code, frames) => {
    const { peer, streams, connection } = serve();
    peer.send(preface, settings(), ...frames);
    // The connection goes on.
    const before = streams.length;
    peer.send(request(99));
    await turn();
    expect(peer.resets).toEqual([{ streamId: 1, code: errorCode[code] }]);
    expect(peer.goawayCodes).toEqual([]);
    expect(streams.length).toBe(before + 1);
    connection.close();
  });

  test.each([
    ["a wrong preface", [Buffer.from("GET / HTTP/1.1\r\n\r\n........")]],
    ["a first frame that is not SETTINGS", [preface, encodeFrame(frameType.ping, 0, 0, eight)]],
  ])("refuses %s", async (_what, chunks) => {
    const { peer } = serve();
    peer.send(...chunks);
    await turn();
    expect(peer.goawayCodes).toEqual([errorCode.protocolError]);
    expect(peer.isClosed).toBe(true);
  });

  test("ignores unknown frames, settings and PRIORITY", async () => {
    const { peer, streams } = serve();
    peer.send(
      preface,
      settings([0x99, 5], [settingId.maxFrameSize, 1 << 20]),
      encodeFrame(0x42, 0xff, 7, eight),
      encodeFrame(frameType.priority, 0, 5, new Uint8Array(5)),
      request(1, true),
    );
    await turn();
    expect(streams.length).toBe(1);
    expect(peer.goawayCodes).toEqual([]);
  });

  test("takes frames cut at any octet", async () => {
    const { peer, logs } = serve();
    const octets = Buffer.concat([
      preface,
      settings(),
      request(1),
      data(1, new Uint8Array(300), 1),
    ]);
    for (const octet of octets) peer.send(Uint8Array.of(octet));
    await turn();
    expect(logs[0]).toMatchObject({ bytes: 300, trailers: [], error: undefined });
  });

  test("keeps repeated fields apart and in order, in blocks larger than a frame", async () => {
    const seen: HeaderList[] = [];
    const peer = new RawPeer(false);
    using _connection = new Http2Connection(peer.stream, {
      accept(_stream, fields) {
        seen.push(fields);
        return new StreamLog();
      },
    });
    const extra = Array.from(
      { length: 20_000 },
      (_, i) => ["exclude-patterns", `a, b${i}`] as const,
    );
    peer.send(preface, settings(), request(1, true, extra));
    await turn();
    expect(seen[0]?.filter(([name]) => name === "exclude-patterns")).toEqual(extra);
  });

  test("refuses more streams than it allows and tells the limit", async () => {
    const { peer, streams } = serve({ maxConcurrentStreams: 2 });
    peer.send(preface, settings(), request(1), request(3), request(5));
    await turn();
    expect(streams.length).toBe(2);
    expect(peer.resets).toEqual([{ streamId: 5, code: errorCode.refusedStream }]);
  });

  test("asks the client to stop once the response is complete", async () => {
    const { peer, streams } = serve();
    peer.send(preface, settings(), request(1));
    streams[0]?.sendHeaders([[":status", "200"]]);
    streams[0]?.end([["a", "b"]]);
    await turn();
    expect(peer.resets).toEqual([{ streamId: 1, code: errorCode.noError }]);
    peer.send(data(1, new Uint8Array(10), 1));
    await turn();
    expect(peer.goawayCodes).toEqual([]);
  });

  test("ignores frames for a stream that it has reset, and keeps the decoder in step", async () => {
    const { peer, streams, logs } = serve();
    peer.send(preface, settings(), request(1));
    streams[0]?.reset(errorCode.cancel);
    // A trailer that enters the dynamic table, and a request that uses it.
    peer.send(
      data(1, eight),
      encodeFrame(
        frameType.headers,
        5,
        1,
        new Uint8Array([0x3f, 0xe1, 0x1f, 0x40, 1, 0x61, 1, 0x62]),
      ),
    );
    peer.send(
      encodeFrame(frameType.headers, 5, 3, new Uint8Array([0x83, 0x86, 0x84, 0xbe])),
      encodeNumberFrame(frameType.rstStream, 1, 0),
      windowUpdate(1, 1),
    );
    await turn();
    expect(peer.resets).toEqual([{ streamId: 1, code: errorCode.cancel }]);
    expect(peer.goawayCodes).toEqual([]);
    expect(logs.length).toBe(2);
  });
});

describe("Http2Connection ends the connection with ENHANCE_YOUR_CALM for a flood of", () => {
  test.each([
    ["PING", () => encodeFrame(frameType.ping, 0, 0, eight), 200_000],
    ["SETTINGS", () => settings(), 5_000],
    [
      "streams that are reset at once",
      (i: number) => Buffer.concat([request(2 * i + 1), reset(2 * i + 1)]),
      20_000,
    ],
    [
      "streams that we are made to reset",
      (i: number) => Buffer.concat([request(2 * i + 1), windowUpdate(2 * i + 1, 0)]),
      20_000,
    ],
    ["empty DATA", (i: number) => (i === 0 ? request(1) : data(1, none)), 200_000],
    ["unknown frames", () => encodeFrame(0x42, 0, 0, none), 200_000],
    [
      "empty CONTINUATION",
      (i: number) => encodeFrame(i === 0 ? frameType.headers : frameType.continuation, 0, 1, none),
      1000,
    ],
    [
      "CONTINUATION without an end",
      (i: number) =>
        encodeFrame(
          i === 0 ? frameType.headers : frameType.continuation,
          0,
          1,
          new Uint8Array(16_384),
        ),
      2000,
    ],
  ] as const)("%s", async (_what, frame, count) => {
    const { peer } = serve();
    peer.send(preface, settings());
    for (let i = 0; i < count && !peer.isClosed; i++) peer.send(frame(i));
    expect(peer.goawayCodes).toEqual([errorCode.enhanceYourCalm]);
  });

  test("PING whose answers nobody reads", () => {
    const { peer } = serve();
    peer.send(preface, settings());
    peer.hasRoom = false;
    const ping = encodeFrame(frameType.ping, 0, 0, eight);
    for (let i = 0; i < 200_000 && !peer.isClosed; i++) peer.send(ping);
    expect(peer.isClosed).toBe(true);
  });
});

describe("Http2Connection as a client", () => {
  test.each([
    ["HEADERS on an idle stream", response(3), "protocolError"],
    ["HEADERS on an even stream", response(2), "protocolError"],
    ["PUSH_PROMISE", encodeFrame(frameType.pushPromise, 4, 1, eight), "protocolError"],
    ["ENABLE_PUSH", settings([settingId.enablePush, 1]), "protocolError"],
  ] as const)("ends the connection for %s", async (_what, frame, code) => {
    const { peer, log } = open();
    peer.send(frame);
    await turn();
    expect(peer.goawayCodes).toEqual([errorCode[code]]);
    expect(log.error?.code).toBe(errorCode[code]);
  });

  test.each([
    ["DATA before HEADERS", data(1, eight)],
    ["a response without a status", fieldsFrame(1, [["a", "b"]])],
    ["an interim response that ends", fieldsFrame(1, [[":status", "103"]], 1)],
  ])("resets the stream for %s", async (_what, frame) => {
    const { peer, log } = open();
    peer.send(frame);
    await turn();
    expect(peer.resets).toEqual([{ streamId: 1, code: errorCode.protocolError }]);
    expect(log.error?.scope).toBe("stream");
  });

  test("skips interim responses", async () => {
    const { peer, log } = open();
    peer.send(fieldsFrame(1, [[":status", "103"]]), response(1));
    await turn();
    expect(log.fields).toEqual([[":status", "200"]]);
  });

  test("finishes streams that GOAWAY leaves, fails the others, then closes", async () => {
    const { peer, connection, log, stream } = open();
    const late = new StreamLog();
    connection.open(minimal, late);
    peer.send(encodeGoaway(1, errorCode.noError, "bye"));
    expect(late.error).toMatchObject({ scope: "stream", code: errorCode.refusedStream });
    expect(() => connection.open(minimal, new StreamLog())).toThrow("bye");
    expect(peer.isClosed).toBe(false);
    stream.end();
    peer.send(response(1, true));
    await turn();
    expect(log.trailers).toEqual([]);
    expect(peer.isClosed).toBe(true);
    expect(await connection.closed).toBeUndefined();
  });

  test.each([[undefined], [new Error("broken")]])(
    "fails its streams when the byte stream ends (%s)",
    async (error) => {
      const { peer, connection, log } = open();
      peer.end(error);
      expect(log.error?.scope).toBe("connection");
      expect(await connection.closed).toBe(error);
      expect(() => connection.open(minimal, new StreamLog())).toThrow("closed");
    },
  );

  test("delivers nothing after reset(), and close() tells the peer", async () => {
    const { peer, connection, log, stream } = open();
    stream.write(eight);
    stream.reset(errorCode.cancel);
    stream.reset(errorCode.cancel);
    peer.send(response(1), data(1, eight, 1));
    connection.close();
    connection.close();
    await turn();
    expect(log).toMatchObject({
      fields: undefined,
      bytes: 0,
      trailers: undefined,
      error: undefined,
    });
    expect(peer.resets).toEqual([{ streamId: 1, code: errorCode.cancel }]);
    expect(peer.dataBytes).toBe(0);
    expect(peer.goawayCodes).toEqual([errorCode.noError]);
    expect(await connection.closed).toBeUndefined();
  });

  test("sends header blocks larger than a frame", async () => {
    const { peer, connection } = open();
    connection.open([...minimal, ["a", "x".repeat(40_000)]], new StreamLog());
    await turn();
    const types = peer.frames.filter(({ streamId }) => streamId === 3).map(({ type }) => type);
    expect(types).toEqual([frameType.headers, frameType.continuation, frameType.continuation]);
    expect(encodeHeaderFrames(3, encodeHeaders(minimal), true)[4]).toBe(
      frameFlag.endHeaders | frameFlag.endStream,
    );
  });
});

function open(): {
  peer: RawPeer;
  connection: Http2Connection;
  log: StreamLog;
  stream: StreamHandle;
} {
  const peer = new RawPeer(true);
  const connection = new Http2Connection(peer.stream);
  peer.send(settings());
  const log = new StreamLog();
  return { peer, connection, log, stream: connection.open(minimal, log) };
}

function reset(streamId: number): Uint8Array {
  return encodeNumberFrame(frameType.rstStream, streamId, errorCode.cancel);
}
