import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fromBinary, toBinary, create } from "@bufbuild/protobuf";
import { BytesValueSchema } from "@bufbuild/protobuf/wkt";
import type { Channel } from "../../src/grpc/channel.ts";
import { createChannel } from "../../src/grpc/channel.ts";
import { grpcCode } from "../../src/grpc/grpc-code.ts";
import type { RawServerCall } from "../../src/grpc/grpc-service.ts";
import { serveGrpc } from "../../src/grpc/serve-grpc.ts";
import { connectSocket } from "../../src/http2/connect-socket.ts";
import { serveSockets } from "../support/serve-sockets.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const size = 64 * 1024 * 1024;
const timeoutMs = 30_000;
const directory = await tempDirectory();
const peerPath = join(directory.path, "grpc-go-peer");

beforeAll(async () => {
  if (Bun.which("go") === null) {
    throw new Error("Cannot test against grpc-go: `go` is not in PATH. Install Go 1.26 or later.");
  }
  const build = Bun.spawn(["go", "build", "-o", peerPath, "."], {
    cwd: join(import.meta.dir, "../support/grpc-go-peer"),
    stderr: "pipe",
  });
  const [stderr, code] = await Promise.all([build.stderr.text(), build.exited]);
  if (code !== 0) throw new Error(`Cannot build the grpc-go peer:\n${stderr}`);
}, 300_000);

afterAll(() => directory[Symbol.asyncDispose]());

// Single messages above 64 KiB are what a send window that loses credit hangs on.
const chunkSizes = [32 * 1024, 256 * 1024, 1024 * 1024 + 13];

test.each(chunkSizes)(
  "createChannel() moves 64 MiB each way to a grpc-go server in messages of %d",
  async (chunk) => {
    await using peer = await startPeer();
    using channel = createChannel(await connectSocket({ kind: "unix", path: peer.socket }), {
      authority: "localhost",
    });
    const [up, down, echoed] = await Promise.all([
      exchange(channel, "Upload", pattern(chunk)),
      exchange(channel, "Download", [Buffer.from(`${size} ${chunk}`)]),
      exchange(channel, "Echo", pattern(chunk)),
    ]);
    expect(up.text).toBe(expected());
    expect(down.summary).toBe(expected());
    expect(echoed.summary).toBe(expected());
  },
  timeoutMs,
);

// S3 servers, for one, end what went wrong with a colon, a space and no more; grpc-go sends it as it is.
test.each(["NoSuchKey: ", " a", "\ta\t", " "])(
  "createChannel() takes %j for the message of an error of grpc-go's",
  async (message) => {
    await using peer = await startPeer();
    using channel = createChannel(await connectSocket({ kind: "unix", path: peer.socket }), {
      authority: "localhost",
    });
    const call = channel.open("/test.Peer/Fail");
    await call.send(encode(Buffer.from(message)));
    call.end();
    expect(await call.status).toMatchObject({ code: grpcCode.notFound, message });
  },
  timeoutMs,
);

test.each(chunkSizes)(
  "serveGrpc() moves 64 MiB each way to grpc-go clients in messages of %d",
  async (chunk) => {
    const socket = join(directory.path, `server-${chunk}.sock`);
    using cleanup = new DisposableStack();
    cleanup.use(
      serveSockets(socket, (stream) => {
        serveGrpc(stream, [{ handlers: peerHandlers() }]);
      }),
    );
    const outputs = await Promise.all(
      ["Upload", "Download", "Echo"].map((method) => runPeer(socket, method, chunk)),
    );
    expect(outputs).toEqual([expected(), expected(), expected()]);
  },
  timeoutMs,
);

function peerHandlers(): Map<string, (call: RawServerCall) => Promise<void>> {
  return new Map([
    [
      "/test.Peer/Upload",
      async (call) => {
        const hash = new Summary();
        for await (const message of call.messages) hash.add(decode(message));
        await call.send(encode(Buffer.from(hash.text())));
      },
    ],
    [
      "/test.Peer/Download",
      async (call) => {
        for await (const message of call.messages) {
          const [, chunk] = Buffer.from(decode(message)).toString().split(" ").map(Number);
          for (const data of pattern(chunk ?? 0)) await call.send(encode(data));
        }
      },
    ],
    [
      "/test.Peer/Echo",
      async (call) => {
        for await (const message of call.messages) await call.send(message);
      },
    ],
  ]);
}

async function exchange(
  channel: Channel,
  method: string,
  input: Iterable<Uint8Array>,
): Promise<{ text: string; summary: string }> {
  const call = channel.open(`/test.Peer/${method}`, [], { signal: AbortSignal.timeout(timeoutMs) });
  const sending = (async () => {
    for (const data of input) await call.send(encode(data));
    call.end();
  })();
  const hash = new Summary();
  let last: Uint8Array = new Uint8Array();
  for await (const message of call.messages) {
    last = decode(message);
    hash.add(last);
  }
  await sending;
  return { text: Buffer.from(last).toString("latin1"), summary: hash.text() };
}

async function startPeer(): Promise<AsyncDisposable & { socket: string }> {
  const socket = join(directory.path, `peer-${crypto.randomUUID().slice(0, 8)}.sock`);
  const process = Bun.spawn([peerPath, "serve", socket], { stdin: "pipe", stdout: "pipe" });
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  expect(Buffer.from(value ?? new Uint8Array()).toString()).toBe("ready\n");
  return {
    socket,
    async [Symbol.asyncDispose]() {
      await process.stdin.end();
      await process.exited;
    },
  };
}

async function runPeer(socket: string, method: string, chunk: number): Promise<string> {
  const process = Bun.spawn([peerPath, "call", socket, method, `${size}`, `${chunk}`], {
    stdout: "pipe",
    stderr: "pipe",
    timeout: timeoutMs,
  });
  const [out, problems] = await Promise.all([process.stdout.text(), process.stderr.text()]);
  await process.exited;
  expect(problems).toBe("");
  return out.trim();
}

class Summary {
  readonly #hash = createHash("sha256");
  #count = 0;

  add(data: Uint8Array): void {
    this.#hash.update(data);
    this.#count += data.length;
  }

  text(): string {
    return `${this.#count} ${this.#hash.digest("hex")}`;
  }
}

/** Byte i is i mod 251, as in the peer. */
function* pattern(chunk: number): Generator<Uint8Array> {
  const period = Uint8Array.from({ length: 251 }, (_, index) => index);
  const source = Buffer.alloc(chunk + 251, period);
  for (let offset = 0; offset < size; offset += chunk) {
    const start = offset % 251;
    yield source.subarray(start, start + Math.min(chunk, size - offset));
  }
}

let expectedText: string | undefined;
function expected(): string {
  if (expectedText === undefined) {
    const summary = new Summary();
    for (const data of pattern(1024 * 1024)) summary.add(data);
    expectedText = summary.text();
  }
  return expectedText;
}

function encode(data: Uint8Array): Uint8Array {
  return toBinary(BytesValueSchema, create(BytesValueSchema, { value: data }));
}

function decode(message: Uint8Array): Uint8Array {
  return fromBinary(BytesValueSchema, message).value;
}
