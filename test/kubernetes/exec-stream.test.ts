import { expect, test } from "bun:test";
import type { ByteStream } from "../../src/http2/byte-stream.ts";
import { createExecStream, type ExecEnd } from "../../src/kubernetes/exec-stream.ts";
import type { ExecProtocol } from "../../src/kubernetes/open-exec.ts";
import { createMemoryPair } from "../support/memory-pair.ts";
import { createRandom } from "../support/random.ts";
import { startWebSocketPeer, type WebSocketPeer } from "./web-socket-peer.ts";

type Running = {
  readonly peer: WebSocketPeer;
  readonly stream: ByteStream;
  /** What came on standard output. */
  readonly output: () => Buffer;
  readonly drains: () => number;
  /** How the command ended, once it has. */
  readonly ended: Promise<ExecEnd | undefined>;
};

function start(protocol: ExecProtocol = "v5.channel.k8s.io"): Running {
  const [client, server] = createMemoryPair();
  const peer = startWebSocketPeer(server);
  const chunks: Uint8Array[] = [];
  let drains = 0;
  let how: ExecEnd | undefined;
  const ended = Promise.withResolvers<ExecEnd | undefined>();
  const stream = createExecStream(client, protocol, (end) => {
    how = end;
    return undefined;
  });
  stream.start({
    data: (chunk) => void chunks.push(chunk.slice()),
    drain: () => void drains++,
    end: () => ended.resolve(how),
  });
  return {
    peer,
    stream,
    output: () => Buffer.concat(chunks),
    drains: () => drains,
    ended: ended.promise,
  };
}

async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

const onChannel = (channel: number, text: string): Buffer =>
  Buffer.concat([Uint8Array.of(channel), Buffer.from(text)]);

test.each([0, 1, 2, 3, 4, 5, 124, 125, 126, 65_534, 65_535, 65_536, 100_001])(
  "createExecStream() sends and receives %d octets as they are",
  async (size) => {
    const { peer, stream, output } = start();
    const bytes = crypto.getRandomValues(new Uint8Array(Math.max(size, 1))).subarray(0, size);
    stream.write(bytes);
    peer.send(2, Buffer.concat([Uint8Array.of(1), bytes]));
    await turns();
    expect(
      peer.frames.map(({ payload }) => [payload[0], payload.subarray(1).equals(bytes)]),
    ).toEqual([[0, true]]);
    expect(output().equals(bytes)).toBe(true);
  },
);

test("createExecStream() reads messages in fragments and pieces, with pings in between", async () => {
  const { peer, output } = start();
  for (const cut of [1, 2, 3, 7]) {
    peer.send(2, onChannel(1, ""), { isFinal: false, cut });
    peer.send(9, Buffer.from("are you there?"), { cut });
    peer.send(0, Buffer.from("in "), { isFinal: false, cut });
    peer.send(0, Buffer.alloc(0), { isFinal: false, cut });
    peer.send(0, Buffer.from("parts."), { cut });
    peer.send(2, onChannel(2, "a complaint"), { cut });
  }
  await turns();
  expect(output().toString()).toBe("in parts.".repeat(4));
  expect(peer.frames).toEqual(
    Array.from({ length: 4 }, () =>
      expect.objectContaining({ code: 10, payload: Buffer.from("are you there?") }),
    ),
  );
});

test("createExecStream() tells how the command ended", async () => {
  const { peer, ended } = start();
  peer.send(2, onChannel(2, "first\nlast "));
  peer.send(2, onChannel(2, "words\n"));
  peer.send(2, onChannel(3, '{"status":"Failure"}'));
  peer.send(8, Uint8Array.of(3, 232));
  expect(await ended).toEqual({
    status: '{"status":"Failure"}',
    stderr: ["first", "last words"],
    error: undefined,
  });
});

test.each([
  [
    "a reason to close",
    8,
    Buffer.concat([Uint8Array.of(3, 243), Buffer.from("no room")]),
    "1011: no room",
  ],
  ["a text message", 1, Buffer.from("hello"), "a text message came"],
  ["a long control frame", 9, Buffer.alloc(126), "a control frame is too long"],
])("createExecStream() ends with %s", async (_case, code, payload, words) => {
  const { peer, ended } = start();
  peer.send(code, payload);
  const end = await ended;
  expect(end?.error?.message).toContain(words);
});

test.each([
  ["v5.channel.k8s.io", [[2, [255, 0]]]],
  ["v4.channel.k8s.io", []],
] as const)("close() says in %s what that version can say", async (protocol, words) => {
  const { peer, stream } = start(protocol);
  stream.write(Buffer.from("x"));
  stream.close();
  stream.close();
  await turns();
  expect(peer.frames.map(({ code, payload }) => [code, [...payload]])).toEqual([
    [2, [0, 120]],
    ...words.map(([code, octets]) => [code, [...octets]]),
    [8, [3, 232]],
  ]);
});

test("createExecStream() holds up a writer whose peer does not read, until it does", async () => {
  const [client, server] = createMemoryPair();
  const stream = createExecStream(client, "v5.channel.k8s.io", () => undefined);
  const drained = Promise.withResolvers<void>();
  stream.start({ data() {}, drain: drained.resolve, end() {} });
  let written = 0;
  do {
    written += 10_000;
    await turns(2);
  } while (stream.write(new Uint8Array(10_000)) && written < 10_000_000);
  expect(written).toBeLessThan(1_000_000);
  const peer = startWebSocketPeer(server);
  await drained.promise;
  await turns();
  const received = peer.frames.map(({ payload }) => payload.length - 1);
  expect(received.reduce((sum, length) => sum + length, 0)).toBe(written);
});

test("createExecStream() ends once, whatever octets come", async () => {
  const { below } = createRandom(7);
  let ends = 0;
  for (let round = 0; round < 300; round++) {
    const [client, server] = createMemoryPair();
    const stream = createExecStream(client, "v5.channel.k8s.io", () => undefined);
    stream.start({ data() {}, drain() {}, end: () => void ends++ });
    server.start({ data() {}, drain() {}, end() {} });
    server.write(Uint8Array.from({ length: 40 }, () => below(256)));
    server.close();
    await turns(3);
  }
  expect(ends).toBe(300);
});
