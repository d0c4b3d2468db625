import { describe, expect, test } from "bun:test";
import type { ByteStream, ByteStreamHandlers } from "../../src/http2/byte-stream.ts";
import { tapStream } from "../../src/http2/tap-stream.ts";
import { createMemoryPair } from "../support/memory-pair.ts";
import { createRandom } from "../support/random.ts";
import { rejection } from "../support/rejection.ts";
import { turn } from "../support/raw-peer.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

type Source = {
  readonly stream: ByteStream;
  readonly calls: string[];
  readonly handlers: () => ByteStreamHandlers;
};

/** A stream whose peer is the test. */
function source(): Source {
  let handlers: ByteStreamHandlers | undefined;
  const calls: string[] = [];
  const note = (name: string) => () => void calls.push(name);
  return {
    calls,
    handlers: () => handlers ?? expect.unreachable("not started"),
    stream: {
      start: (given) => (handlers = given),
      write: () => true,
      close: note("close"),
    },
  };
}

function reader(): ByteStreamHandlers & { readonly got: () => string; readonly ends: unknown[] } {
  let got = "";
  const ends: unknown[] = [];
  return {
    got: () => got,
    ends,
    data: (chunk) => (got += Buffer.from(chunk).toString()),
    drain() {},
    end: (error) => ends.push(error),
  };
}

describe("tapStream()", () => {
  test("reads the beginning, and hands on the rest with what was read too much", async () => {
    const { stream, handlers } = source();
    const tap = tapStream(stream);
    handlers().data(bytes("one"));
    expect(await tap.peek()).toEqual(bytes("one"));
    expect(await tap.read()).toEqual(bytes("one"));
    const next = tap.read();
    handlers().data(bytes("two"));
    expect(await next).toEqual(bytes("two"));
    handlers().data(bytes("three"));
    const rest = tap.rest(bytes("too much "));
    const to = reader();
    rest.start(to);
    handlers().data(bytes(" four"));
    await turn();
    handlers().data(bytes(" five"));
    handlers().end();
    expect([to.got(), to.ends]).toEqual(["too much three four five", [undefined]]);
  });

  test("keeps a copy of what comes before its time", async () => {
    const { stream, handlers } = source();
    const tap = tapStream(stream);
    // As sockets hand them out.
    const buffer = Buffer.from("mine");
    handlers().data(buffer);
    buffer.fill(0);
    expect(await tap.read()).toEqual(bytes("mine"));
  });

  test("tells the end once, after what came before it", async () => {
    const { stream, handlers } = source();
    const rest = tapStream(stream).rest(bytes("last words"));
    const to = reader();
    rest.start(to);
    handlers().end(new Error("gone"));
    await turn();
    expect([to.got(), to.ends]).toEqual(["last words", [new Error("gone")]]);
    handlers().end();
    await turn();
    expect(to.ends).toHaveLength(1);
  });

  test("leaves a peer that says too much before anybody reads", async () => {
    const { stream, handlers, calls } = source();
    const tap = tapStream(stream);
    const reading = tap.read();
    for (let count = 0; count < 40; count++) handlers().data(new Uint8Array(30_000));
    expect(calls).toEqual(["close"]);
    expect((await reading)?.length).toBe(30_000);
    const to = reader();
    tap.rest().start(to);
    handlers().data(bytes("more"));
    await turn();
    expect(to.ends).toEqual([new Error("too much came before it was asked for")]);
    expect(to.got()).not.toContain("more");
  });

  test("rejects a read when the stream broke, and answers nothing when it ended", async () => {
    const broken = source();
    const read = tapStream(broken.stream).read();
    broken.handlers().end(new Error("broken"));
    expect(await rejection(read)).toEqual(new Error("broken"));
    const ended = source();
    const tap = tapStream(ended.stream);
    ended.handlers().data(bytes("x"));
    ended.handlers().end();
    expect(await tap.read()).toEqual(bytes("x"));
    expect(await tap.read()).toBeUndefined();
  });

  test.each([1, 2, 3, 4, 5])("loses nothing on the way: seed %d", async (seed) => {
    const random = createRandom(seed);
    const [near, far] = createMemoryPair();
    const sent = Uint8Array.from({ length: 300_000 }, () => random.below(256));
    const tap = tapStream(near);
    far.start({ data() {}, drain() {}, end() {} });
    for (let at = 0; at < sent.length;) {
      const size = 1 + random.below(9_000);
      far.write(sent.subarray(at, at + size));
      at += size;
    }
    far.close();
    const first = await tap.read();
    const rest = tap.rest(first);
    const got: Uint8Array[] = [];
    const ended = Promise.withResolvers<unknown>();
    rest.start({
      data(chunk) {
        got.push(chunk.slice());
      },
      drain() {},
      end: ended.resolve,
    });
    expect(await ended.promise).toBeUndefined();
    expect(Buffer.concat(got).equals(sent)).toBe(true);
  });
});
