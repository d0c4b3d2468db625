import { describe, expect, test } from "bun:test";
import type { ByteStream } from "../../src/http2/byte-stream.ts";
import { speaksHttp2 } from "../../src/http2/speaks-http2.ts";
import { type UpgradeRequest, upgradeStream } from "../../src/http2/upgrade-stream.ts";
import { createMemoryPair } from "../support/memory-pair.ts";
import { rejection } from "../support/rejection.ts";

type Peer = { readonly stream: ByteStream; readonly asked: () => string; isClosed: boolean };

/** A peer that answers the first words with `answer`, piece by piece, and then closes if told to. */
function peer(answer: readonly string[], end: "closes" | "stays" = "stays"): Peer {
  const [stream, far] = createMemoryPair();
  let asked = "";
  const self: Peer = { stream, asked: () => asked, isClosed: false };
  far.start({
    data(chunk) {
      if (asked === "") void speak();
      asked += Buffer.from(chunk).toString();
    },
    drain() {},
    end: () => (self.isClosed = true),
  });
  async function speak(): Promise<void> {
    for (const piece of answer) {
      far.write(Buffer.from(piece, "latin1"));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (end === "closes") far.close();
  }
  return self;
}

const request: UpgradeRequest = {
  method: "POST",
  path: "/exec/1/start",
  host: "docker",
  protocol: "tcp",
  body: '{"Tty":false,"é":1}',
  timeout: 10_000,
};

async function allOf(stream: ByteStream): Promise<string> {
  const ended = Promise.withResolvers<void>();
  let got = "";
  stream.start({
    data: (chunk) => (got += Buffer.from(chunk).toString("latin1")),
    drain() {},
    end: () => ended.resolve(),
  });
  await ended.promise;
  return got;
}

const switching = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
const raw = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n";

describe("upgradeStream()", () => {
  test.each([
    { what: "101", answer: [switching, "a", "b"], got: "ab" },
    { what: "101 with bytes behind it", answer: [`${switching}early`, " late"], got: "early late" },
    { what: "a head byte by byte", answer: `${switching}xyz`.split(""), got: "xyz" },
    { what: "200 and the type of a raw stream", answer: [raw, "a"], got: "a" },
    {
      what: "what only says that it takes a while",
      answer: [`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nA: b\r\n\r\n${switching}a`],
      got: "a",
    },
    { what: "nothing behind it", answer: [switching], got: "" },
  ])("takes $what", async ({ answer, got }) => {
    const far = peer(answer, "closes");
    expect(await allOf(await upgradeStream(far.stream, request))).toBe(got);
    expect(far.asked()).toBe(
      'POST /exec/1/start HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 20\r\nContent-Type: application/json\r\n\r\n{"Tty":false,"é":1}',
    );
  });

  test.each([
    {
      what: "JSON of a length",
      answer: [
        `HTTP/1.1 404 Not Found\r\nContent-Length: 29\r\n\r\n{"message":`,
        `"no such thing"}\n`,
      ],
      message: "docker answered 404: no such thing",
    },
    {
      what: "JSON in chunks, cut anywhere",
      answer:
        'HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n9;x=1\r\n{"message\r\n11\r\n":"it is paused"}\r\n0\r\n\r\n'.split(
          "",
        ),
      message: "docker answered 409: it is paused",
    },
    {
      what: "text until the end",
      answer: ["HTTP/1.0 502 Bad Gateway\r\n\r\n<html>", "\x1b[31mno"],
      end: "closes" as const,
      message: "docker answered 502: <html>no",
    },
    {
      what: "chunks that break off",
      answer: ["HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"],
      end: "closes" as const,
      message: "docker answered 500: half",
    },
    {
      what: "nothing",
      answer: ["HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"],
      message: "docker answered 403",
    },
    {
      what: "a page that is no stream",
      answer: ["HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"],
      message: "docker answered 200: hi",
    },
  ])("tells a refusal: $what", async ({ answer, message, end }) => {
    const far = peer(answer, end);
    const error = await rejection(upgradeStream(far.stream, request));
    expect(error).toMatchObject({ name: "HiveError", kind: "failed", message });
    expect(far.isClosed || (await closed(far))).toBe(true);
  });

  test.each([
    {
      what: "what is no HTTP",
      answer: ["SSH-2.0-OpenSSH\r\n\r\n"],
      message: "the answer is no HTTP",
    },
    {
      what: "a head without an end",
      answer: Array.from({ length: 40 }, () => "x".repeat(1000)),
      message: "the answer is no HTTP",
    },
    { what: "a peer that closes", answer: ["HTTP/1.1 101"], message: "the connection was closed" },
  ])("fails on $what", async ({ answer, message }) => {
    const far = peer(answer, "closes");
    expect(await rejection(upgradeStream(far.stream, request))).toEqual(new Error(message));
  });

  test("does not wait for ever, neither for a head nor for the end of a refusal, and stops when told to", async () => {
    const slow = peer(["HTTP/1.1 101"]);
    const late = await rejection(upgradeStream(slow.stream, { ...request, timeout: 50 }));
    expect(late).toMatchObject({ name: "TimeoutError" });
    expect(await closed(slow)).toBe(true);
    const refusing = peer(["HTTP/1.1 400 No\r\nContent-Length: 900\r\n\r\nsome of it"]);
    expect(await rejection(upgradeStream(refusing.stream, request))).toMatchObject({
      message: "docker answered 400: some of it",
    });
    const reason = new Error("enough");
    const aborted = upgradeStream(peer([]).stream, {
      ...request,
      signal: AbortSignal.abort(reason),
    });
    expect(await rejection(aborted)).toBe(reason);
    const controller = new AbortController();
    const running = upgradeStream(peer([]).stream, { ...request, signal: controller.signal });
    controller.abort(reason);
    expect(await rejection(running)).toBe(reason);
  });
});

async function closed(far: Peer): Promise<boolean> {
  for (let count = 0; count < 100 && !far.isClosed; count++) await Bun.sleep(5);
  return far.isClosed;
}

describe("speaksHttp2()", () => {
  const settings = "\0\0\u0006\u0004\0\0\0\0\0\0\u0003\0\0\0\u0064";
  test.each([
    { what: "SETTINGS", answer: [settings], is: true },
    { what: "SETTINGS byte by byte", answer: settings.split(""), is: true },
    { what: "HTTP/1", answer: ["HTTP/1.1 400 Bad Request\r\n\r\n"], is: false },
    { what: "nothing, and closes", answer: [], end: "closes" as const, is: false },
    {
      what: "half a frame, and closes",
      answer: ["\0\0\u0006\u0004"],
      end: "closes" as const,
      is: false,
    },
    { what: "nothing at all", answer: [], is: false },
  ])("$is for $what", async ({ answer, end, is }) => {
    const far = peer(answer, end);
    expect(await speaksHttp2(far.stream, { timeout: is ? 10_000 : 100 })).toBe(is);
    expect(far.asked()).toStartWith("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    expect(await closed(far)).toBe(true);
  });
});
