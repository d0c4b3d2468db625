import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { downloadRelease } from "../../../src/daemon/release/download-release.ts";
import { type TarFile, tarStream } from "../../../src/oci/tar-stream.ts";
import { rejection } from "../../support/rejection.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

const release = {
  version: "v0.1.2",
  arch: "amd64",
  asset: "buildkit-v0.1.2.linux-amd64.tar.gz",
  checksum: undefined,
};
const path = `/v0.1.2/${release.asset}`;

async function makeArchive(): Promise<Uint8Array> {
  const files = ["buildkitd", "buildctl", "buildkit-runc"].map((name): TarFile => {
    // Not to be compressed, so that it comes in several pieces.
    const content = Buffer.alloc(400_000);
    for (let at = 0; at < content.length; at += 65_536) {
      crypto.getRandomValues(content.subarray(at, at + 65_536));
    }
    return { name: `bin/${name}`, size: content.byteLength, content };
  });
  return Bun.gzipSync(Buffer.concat(await Array.fromAsync(tarStream(files))));
}

const archive = await makeArchive();
const checksum = new Bun.CryptoHasher("sha256").update(archive).digest("hex");

type Answers = Readonly<Record<string, () => Response>>;

/** What the checksum is asked for is answered unless `answers` does. */
async function download(
  answers: Answers,
  known?: string,
): Promise<{ made: readonly string[]; error: unknown; said: readonly string[]; asked: string[] }> {
  await using directory = await tempDirectory();
  const asked: string[] = [];
  using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ url }) {
      const { pathname } = new URL(url);
      asked.push(pathname);
      const usual: Answers = { [`${path}.sha256`]: () => new Response(`${checksum}  x\n`) };
      return ({ ...usual, ...answers }[pathname] ?? (() => new Response("", { status: 404 })))();
    },
  });
  const said: string[] = [];
  let error: unknown;
  await downloadRelease({ ...release, checksum: known }, directory.path, {
    mirror: `http://127.0.0.1:${server.port}`,
    signal: new AbortController().signal,
    say: (text) => void said.push(text),
  }).catch((reason: unknown) => {
    error = reason;
  });
  const made = await readdir(directory.path);
  // What is there is there as a whole.
  for (const name of made) expect(existsSync(join(directory.path, name, "buildkitd"))).toBe(true);
  return { made, error, said, asked };
}

/** Says how long the archive is and ends in the middle of it, `times` times. Checksums are served as they are. */
async function cutServer(times: number): Promise<Disposable & { url: string; sent: () => number }> {
  let sent = 0;
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (request) => {
      const isChecksum = request.includes(".sha256 ");
      const body = isChecksum ? Buffer.from(checksum) : archive;
      const cut = !isChecksum && sent++ < times;
      socket.write(
        `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${body.byteLength}\r\n\r\n`,
      );
      socket.end(cut ? body.subarray(0, 300_000) : body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sent: () => sent,
    [Symbol.dispose]: () => void server.close(),
  };
}

describe("downloadRelease()", () => {
  test("takes what has the checksum that the mirror names", async () => {
    const { made, error } = await download({ [path]: () => new Response(archive) });
    expect([made, error]).toEqual([["v0.1.2-linux-amd64"], undefined]);
  });

  test("takes an archive as it is stored, whatever the server calls its encoding", async () => {
    const headers = { "Content-Encoding": "gzip", "Content-Type": "application/x-tar" };
    const { made, error } = await download({ [path]: () => new Response(archive, { headers }) });
    expect([made, error]).toEqual([["v0.1.2-linux-amd64"], undefined]);
  });

  test("does not ask for a checksum that hive knows itself", async () => {
    const taken = await download({ [path]: () => new Response(archive) }, checksum);
    expect([taken.made.length, taken.asked]).toEqual([1, [path]]);
    const refused = await download({ [path]: () => new Response(archive) }, "0".repeat(64));
    expect([refused.made, `${refused.error as Error}`]).toEqual([
      [],
      expect.stringContaining("its checksum is wrong"),
    ]);
  });

  test("refuses another content, and one without a checksum", async () => {
    const other = await download({ [path]: () => new Response(archive.toReversed()) });
    expect([other.made, `${other.error as Error}`]).toEqual([
      [],
      expect.stringContaining("its checksum is wrong"),
    ]);
    const missing = await download({
      [path]: () => new Response(archive),
      [`${path}.sha256`]: () => new Response("nothing here", { status: 404 }),
    });
    expect([missing.made, `${missing.error as Error}`, missing.asked]).toEqual([
      [],
      expect.stringContaining("the server answered 404"),
      [`${path}.sha256`],
    ]);
    const odd = await download({ [`${path}.sha256`]: () => new Response("<html>") });
    expect([odd.made, `${odd.error as Error}`]).toEqual([
      [],
      expect.stringContaining("no checksum of"),
    ]);
  });

  test("begins anew after a connection that was cut, and gives up after some", async () => {
    await using directory = await tempDirectory();
    const said: string[] = [];
    const options = {
      signal: new AbortController().signal,
      say: (text: string) => void said.push(text),
    };
    {
      using server = await cutServer(100);
      const failed = downloadRelease(release, directory.path, { ...options, mirror: server.url });
      expect(await rejection(failed)).toMatchObject({
        kind: "unreachable",
        message: expect.stringContaining("Cannot download BuildKit v0.1.2"),
      });
      expect(server.sent()).toBe(3);
      expect(await readdir(directory.path)).toEqual([]);
    }
    using server = await cutServer(1);
    await downloadRelease(release, directory.path, { ...options, mirror: server.url });
    expect(await readdir(directory.path)).toEqual(["v0.1.2-linux-amd64"]);
    expect(said).toContainEqual(expect.stringContaining("trying again"));
  });

  test("ends with its signal, and leaves nothing", async () => {
    await using directory = await tempDirectory();
    const controller = new AbortController();
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch() {
        // Nothing more ever comes.
        const body = new ReadableStream({
          start(stream) {
            stream.enqueue(archive.subarray(0, 100_000));
            setTimeout(() => controller.abort(new Error("enough")), 50);
          },
        });
        return new Response(body);
      },
    });
    const options = { signal: controller.signal, say: () => undefined };
    const mirror = `http://127.0.0.1:${server.port}`;
    const cancelled = downloadRelease({ ...release, checksum }, directory.path, {
      ...options,
      mirror,
    });
    expect(await rejection(cancelled)).toMatchObject({ message: "enough" });
    expect(await readdir(directory.path)).toEqual([]);
  });

  test("tries a busy server again, some times", async () => {
    const busy = await download({ [path]: () => new Response("", { status: 503 }) });
    expect([busy.made, busy.asked.length, `${busy.error as Error}`]).toEqual([
      [],
      4,
      expect.stringContaining("503"),
    ]);
    expect(busy.said).toContainEqual(expect.stringContaining("trying again"));
  });
});
