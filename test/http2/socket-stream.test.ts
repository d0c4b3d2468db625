import { afterAll, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { join } from "node:path";
import { once } from "node:events";
import { connectSocket } from "../../src/http2/connect-socket.ts";
import type { ByteStream } from "../../src/http2/byte-stream.ts";
import { serveSockets } from "../support/serve-sockets.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const directory = await tempDirectory();
afterAll(() => directory[Symbol.asyncDispose]());

const total = 32 * 1024 * 1024;
const period = 251;

/** Writes `total` octets in pieces of many sizes as fast as the stream takes them, then closes it. */
async function writeAll(stream: ByteStream, drained: () => Promise<void>): Promise<number> {
  const source = Buffer.alloc(
    1024 * 1024 + period,
    Uint8Array.from({ length: period }, (_, i) => i),
  );
  let waits = 0;
  for (let at = 0, step = 0; at < total; step++) {
    const size = Math.min([9, 16_384, 5, 700_000, 1][step % 5] ?? 1, total - at);
    const hasRoom = stream.write(source.subarray(at % period, (at % period) + size));
    at += size;
    if (hasRoom) continue;
    waits++;
    await drained();
  }
  stream.close();
  return waits;
}

test("SocketStream carries 32 MiB through full buffers, in order, then ends", async () => {
  const path = join(directory.path, "order.sock");
  const writer = Promise.withResolvers<number>();
  using stack = new DisposableStack();
  stack.use(
    serveSockets(path, (stream) => {
      let wake = Promise.withResolvers<void>();
      stream.start({
        data: () => {},
        drain: () => {
          wake.resolve();
          wake = Promise.withResolvers<void>();
        },
        end: () => {},
      });
      void (async () => writer.resolve(await writeAll(stream, () => wake.promise)))();
    }),
  );
  const stream = await connectSocket({ kind: "unix", path });
  let received = 0;
  let wrong = 0;
  const ended = Promise.withResolvers<Error | undefined>();
  stream.start({
    data(chunk) {
      if (chunk[0] !== received % period) wrong++;
      if (chunk.at(-1) !== (received + chunk.length - 1) % period) wrong++;
      received += chunk.length;
    },
    drain: () => {},
    end: ended.resolve,
  });
  expect(await ended.promise).toBeUndefined();
  expect(received).toBe(total);
  expect(wrong).toBe(0);
  expect(await writer.promise).toBeGreaterThan(10);
});

test("SocketStream keeps what came before start()", async () => {
  const path = join(directory.path, "early.sock");
  using stack = new DisposableStack();
  stack.use(
    serveSockets(path, (stream) => {
      stream.start({ data: () => {}, drain: () => {}, end: () => {} });
      stream.write(Buffer.from("hello"));
      stream.close();
    }),
  );
  const stream = await connectSocket({ kind: "unix", path });
  // Time for the octets and the end to arrive; whether they do must not matter.
  for (let count = 0; count < 50; count++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
  expect(await textOf(stream)).toBe("hello");
});

test("connectSocket() reaches a TCP server", async () => {
  const server = createServer((socket) => socket.end("over tcp")).listen(0, "127.0.0.1");
  const port = await portOf(server);
  const stream = await connectSocket({ kind: "tcp", hostname: "127.0.0.1", port });
  expect(await textOf(stream)).toBe("over tcp");
  stream.close();
  server.close();
});

test("connectSocket() throws the system's error, and the signal's reason", async () => {
  const path = join(directory.path, "nobody.sock");
  expect(await problemOf(connectSocket({ kind: "unix", path }))).toMatchObject({ code: "ENOENT" });
  const signal = AbortSignal.abort(new Error("stopped"));
  expect(await problemOf(connectSocket({ kind: "unix", path }, { signal }))).toMatchObject({
    message: "stopped",
  });
});

test("connectSocket() gives up on a server that does not speak TLS", async () => {
  // It accepts and stays silent, so the handshake never ends.
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  const port = await portOf(server);
  const problem = await problemOf(
    connectSocket({ kind: "tcp", hostname: "127.0.0.1", port, tls: {} }, { timeoutMs: 50 }),
  );
  expect(problem).toMatchObject({ name: "TimeoutError" });
  server.close();
});

test("connectSocket() offers h2 over TLS and verifies the certificate", async () => {
  const key = join(directory.path, "key.pem");
  const cert = join(directory.path, "cert.pem");
  const made = Bun.spawnSync(
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
      .split(" ")
      .concat("-keyout", key, "-out", cert),
    { stderr: "pipe" },
  );
  if (!made.success) throw new Error(`Cannot make a certificate: ${made.stderr.toString()}`);
  const ca = await Bun.file(cert).text();
  const server = createTlsServer(
    { key: await Bun.file(key).text(), cert: ca, ALPNProtocols: ["h2"] },
    (socket) => socket.end(`protocol ${String(socket.alpnProtocol)}`),
  ).listen(0, "127.0.0.1");
  const port = await portOf(server);
  const target = { kind: "tcp", hostname: "127.0.0.1", port } as const;
  const stream = await connectSocket({ ...target, tls: { ca } });
  expect(await textOf(stream)).toBe("protocol h2");
  stream.close();
  expect(await problemOf(connectSocket({ ...target, tls: {} }))).toMatchObject({
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  });
  server.close();
});

/** All that comes on a stream until its end. */
async function textOf(stream: ByteStream): Promise<string> {
  let text = "";
  const ended = Promise.withResolvers<void>();
  stream.start({
    data(chunk) {
      text += Buffer.from(chunk).toString();
    },
    drain: () => {},
    end: () => ended.resolve(),
  });
  await ended.promise;
  return text;
}

async function portOf(server: Server): Promise<number> {
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port");
  return address.port;
}

async function problemOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error;
  }
}
