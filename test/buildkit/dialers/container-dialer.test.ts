import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { HiveError } from "../../../src/base/hive-error.ts";
import { createDialer, type Dialer } from "../../../src/buildkit/dialers/dialer.ts";
import type { ByteStream } from "../../../src/http2/byte-stream.ts";
import { rejection } from "../../support/rejection.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";

/** What a real engine does only when something goes wrong with it; test/e2e/docker.test.ts has the rest. */
type Script = {
  /** What comes once the process runs. */
  readonly speaks?: (socket: Socket) => void;
  /** In place of the answer to the wish for a process. */
  readonly refuses?: (response: ServerResponse) => void;
  readonly exitCode?: number | null;
};

type FakeEngine = AsyncDisposable & {
  readonly dialer: Dialer;
  readonly requests: readonly string[];
  readonly sockets: readonly Socket[];
};

async function fakeEngine({ speaks, refuses, exitCode = null }: Script): Promise<FakeEngine> {
  const directory = await tempDirectory();
  const path = join(directory.path, "engine.sock");
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (request.url === "/containers/c/exec") {
      if (refuses !== undefined) refuses(response);
      else response.writeHead(201).end('{"Id":"e1"}');
    } else if (request.url === "/exec/e1/json") {
      response.end(JSON.stringify({ Running: exitCode === null, ExitCode: exitCode }));
    } else response.writeHead(404).end("{}");
  });
  server.on("upgrade", (request, socket: Socket) => {
    requests.push(`${request.method} ${request.url}`);
    sockets.push(socket);
    socket.on("error", () => socket.destroy()).on("end", () => socket.end());
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
    speaks?.(socket);
  });
  server.listen({ path });
  await once(server, "listening");
  const dialer = await createDialer(
    { kind: "container", engine: "docker", name: "c" },
    { env: { DOCKER_HOST: `unix://${path}` } },
  );
  return {
    dialer,
    requests,
    sockets,
    async [Symbol.asyncDispose]() {
      await dialer[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
      server.closeAllConnections();
      await directory[Symbol.asyncDispose]();
    },
  };
}

function frame(kind: number, text: string): Buffer {
  const head = Buffer.from([kind, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(Buffer.byteLength(text, "latin1"), 4);
  return Buffer.concat([head, Buffer.from(text, "latin1")]);
}

/** The beginning of what a daemon says first. */
const greeting = "\0\0\u0006\u0004\0\0\0\0\0";

type Heard = { readonly text: () => string; readonly ended: Promise<Error | undefined> };

function listen(stream: ByteStream): Heard {
  let text = "";
  const { promise: ended, resolve } = Promise.withResolvers<Error | undefined>();
  stream.start({
    data: (chunk) => (text += Buffer.from(chunk).toString("latin1")),
    drain() {},
    end: resolve,
  });
  return { text: () => text, ended };
}

const options = { timeout: 5_000 };

describe("createContainerDialer()", () => {
  test("passes bytes on both ways, and ends with what the process complained about", async () => {
    await using engine = await fakeEngine({
      speaks(socket) {
        socket.write(frame(1, greeting));
        socket.on("data", (chunk) => {
          socket.write(frame(2, "error: \x1b[31mthe daemon "));
          socket.write(frame(1, `you said ${chunk.toString()}`));
          socket.end(frame(2, "is gone\n"));
        });
      },
    });
    const stream = await engine.dialer.dial(options);
    const heard = listen(stream);
    stream.write(Buffer.from("hello"));
    expect(await heard.ended).toEqual(new Error("error: the daemon is gone"));
    expect(heard.text()).toBe(`${greeting}you said hello`);
    expect(engine.requests).toEqual(["POST /containers/c/exec", "POST /exec/e1/start"]);
  });

  test("ends the connection that it closes, without an error, whatever was complained about", async () => {
    await using engine = await fakeEngine({
      speaks: (socket) => socket.write(Buffer.concat([frame(2, "warning"), frame(1, greeting)])),
    });
    const stream = await engine.dialer.dial(options);
    const heard = listen(stream);
    stream.close();
    expect(await heard.ended).toBeUndefined();
    await waitUntil(
      "the engine sees the end",
      5_000,
      () => engine.sockets[0]?.destroyed || undefined,
    );
  });

  test("takes a daemon that waits for us to speak first", async () => {
    await using engine = await fakeEngine({
      speaks: (socket) => socket.once("data", () => socket.write(frame(1, greeting))),
    });
    const stream = await engine.dialer.dial(options);
    stream.write(Buffer.from("PRI"));
    const heard = listen(stream);
    await waitUntil("the daemon answers", 5_000, () => heard.text() === greeting || undefined);
  });

  test.each([
    {
      what: "what is in no frames",
      speaks: (s: Socket) => s.write("whatever"),
      says: "is not in frames",
    },
    {
      what: "a process that says nothing",
      speaks: (s: Socket) => s.end(),
      exitCode: 3,
      says: "it ended with exit code 3",
    },
    {
      what: "a process of which nobody knows",
      speaks: (s: Socket) => s.end(),
      says: "it ended without a word",
    },
    {
      what: "an engine that closes at once",
      speaks: (s: Socket) => s.destroy(),
      says: "it ended without a word",
    },
    {
      what: "an engine that says why where the daemon should speak",
      speaks: (s: Socket) => s.end(frame(1, "OCI runtime exec failed:\r\nno such thing\r\n")),
      exitCode: 126,
      says: "OCI runtime exec failed: no such thing",
    },
    { what: "an endless complaint", speaks: complainAtLength, says: "the end of it" },
  ])("tells $what", async ({ speaks, exitCode, says }) => {
    await using engine = await fakeEngine({
      speaks,
      ...(exitCode === undefined ? {} : { exitCode }),
    });
    const error = (await rejection(engine.dialer.dial(options))) as HiveError;
    expect(error.kind).toBe("unreachable");
    expect(error.message).toContain(says);
    expect(error.message.length).toBeLessThan(5_000);
  });

  test("gives up on an engine that doesn't answer, and stops when told to", async () => {
    await using silent = await fakeEngine({ refuses() {} });
    expect(await rejection(silent.dialer.dial({ timeout: 100 }))).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("no answer"),
    });
    // The head of an answer, and then nothing.
    await using half = await fakeEngine({ refuses: (response) => void response.write('{"Id"') });
    expect(await rejection(half.dialer.dial({ timeout: 100 }))).toMatchObject({
      name: "TimeoutError",
    });
    await using mute = await fakeEngine({});
    const controller = new AbortController();
    const dialling = mute.dialer.dial({ ...options, signal: controller.signal });
    await waitUntil("the process runs", 5_000, () => mute.sockets.length === 1 || undefined);
    controller.abort(new Error("enough"));
    expect(await rejection(dialling)).toEqual(new Error("enough"));
    await waitUntil("its end", 5_000, () => mute.sockets[0]?.destroyed || undefined);
  });
});

function complainAtLength(socket: Socket): void {
  for (let count = 0; count < 100; count++) socket.write(frame(2, "x".repeat(10_000)));
  socket.end(frame(2, " the end of it"));
}
