import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Http2Connection } from "../../src/http2/http2-connection.ts";
import { encodeFrame, frameType } from "../../src/http2/frame.ts";
import { encodeHeaders } from "../../src/http2/hpack/encode-headers.ts";
import type { StreamHandle } from "../../src/http2/stream-handle.ts";
import { RawPeer, data, preface, request, response, settings, turn } from "../support/raw-peer.ts";
import { StreamLog } from "../support/stream-log.ts";

const seed = 20_261_121;

const streamId = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 1, 3, 5, 7) },
  fc.integer({ min: 0, max: 0x7fffffff }),
);
const block = fc.oneof(
  fc.constant(
    encodeHeaders([
      [":method", "POST"],
      [":scheme", "http"],
      [":path", "/"],
    ]),
  ),
  fc.constant(encodeHeaders([[":status", "200"]])),
  fc.constant(encodeHeaders([["grpc-status", "0"]])),
  fc.uint8Array({ maxLength: 40 }),
);
const payload = fc.oneof(
  block,
  fc.uint8Array({ maxLength: 12 }),
  fc.constant(new Uint8Array(16_384)),
);
const anyFrame = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 255 }), streamId, payload)
  .map(([type, flags, id, octets]) => encodeFrame(type, flags, id, octets));
const soundFrame = fc.oneof(
  fc.constantFrom(
    request(1),
    request(3, true),
    request(5),
    response(1),
    response(1, true),
    response(3),
  ),
  fc.constantFrom(
    data(1, new Uint8Array(100)),
    data(1, new Uint8Array(5), 1),
    data(3, new Uint8Array(9)),
  ),
  fc.constantFrom(settings(), settings([4, 0]), settings([4, 1_000_000]), settings([3, 1])),
  fc.constant(encodeFrame(frameType.ping, 0, 0, new Uint8Array(8))),
  streamId.map((id) => encodeFrame(frameType.rstStream, 0, id, new Uint8Array(4))),
  streamId.map((id) => encodeFrame(frameType.windowUpdate, 0, id, Uint8Array.of(0, 0, 4, 0))),
);
const octets = fc
  .tuple(
    fc.array(fc.oneof({ weight: 6, arbitrary: soundFrame }, { weight: 1, arbitrary: anyFrame }), {
      maxLength: 30,
    }),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 2 }),
  )
  .map(([frames, mutations]) => {
    const joined = Buffer.concat(frames);
    for (const [at, octet] of mutations) if (joined.length > 0) joined[at % joined.length] = octet;
    return joined;
  });
const script = fc.record({
  octets,
  cut: fc.integer({ min: 1, max: 20_000 }),
  actions: fc.array(fc.constantFrom("write", "end", "reset", "consume", "open"), { maxLength: 20 }),
});

// Whatever a peer sends: nothing is thrown at the byte stream, and every stream and the connection end.
test.each(["client", "server"] as const)(
  "Http2Connection as a %s survives any frames and ends",
  async (role) => {
    let died = 0;
    let survived = 0;
    await fc.assert(
      fc.asyncProperty(script, async ({ octets: sent, cut, actions }) => {
        const peer = new RawPeer(role === "client");
        const logs: StreamLog[] = [];
        const streams: StreamHandle[] = [];
        const track = (): StreamLog => {
          const log = new StreamLog();
          logs.push(log);
          return log;
        };
        const connection = new Http2Connection(
          peer.stream,
          role === "client"
            ? {}
            : {
                accept(stream) {
                  streams.push(stream);
                  return track();
                },
              },
        );
        peer.send(...(role === "server" ? [preface] : []), settings());
        for (let at = 0, step = 0; at < sent.length; at += cut, step++) {
          act(actions[step % 20], connection, streams, role === "client" ? track : undefined);
          peer.send(sent.subarray(at, at + cut));
        }
        await turn();
        if (peer.isClosed) died++;
        else survived++;
        peer.end();
        // It ends in any case; a promise that does not resolve fails the test by its time limit.
        await connection.closed;
        expect(peer.goawayCodes.length).toBeLessThanOrEqual(1);
        expect(() => peer.drain()).not.toThrow();
      }),
      { seed, numRuns: 1500 },
    );
    expect(died).toBeGreaterThan(100);
    expect(survived).toBeGreaterThan(100);
  },
  30_000,
);

function act(
  action: string | undefined,
  connection: Http2Connection,
  streams: StreamHandle[],
  track: (() => StreamLog) | undefined,
): void {
  const stream = streams.at(-1);
  if (action === "write") stream?.write(new Uint8Array(30_000));
  if (action === "end") stream?.end([["a", "b"]]);
  if (action === "reset") stream?.reset(8);
  if (action === "consume") stream?.consume(100);
  if (action !== "open" || track === undefined) return;
  try {
    const fields = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", "/"],
    ] as const;
    streams.push(connection.open(fields, track()));
  } catch {
    // The connection is over already.
  }
}
