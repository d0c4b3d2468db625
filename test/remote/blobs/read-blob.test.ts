import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { HiveError } from "../../../src/base/hive-error.ts";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import type { RemoteRegistry } from "../../../src/remote/open-registry.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { connect, failure } from "../support/connect.ts";
import { faultyLine } from "../support/faulty-line.ts";
import { sampleBlob } from "../support/sample-blob.ts";
import { scriptedServer } from "../support/scripted-server.ts";
import { servedRegistry } from "../support/served-registry.ts";

const { bytes, descriptor } = sampleBlob(1_500_000);

async function read(
  remote: RemoteRegistry,
  offset = 0,
  what: Descriptor = descriptor,
): Promise<Uint8Array> {
  return await new Response(remote.readBlob("app", what, { offset })).bytes();
}

/** Blobs with ranges, as far as `change` lets it. */
function storage(change: (response: Response, count: number, range: string | null) => Response) {
  const ranges: (string | null)[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const range = request.headers.get("range");
      ranges.push(range);
      const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
      const response = new Response(bytes.subarray(start), {
        status: range === null ? 200 : 206,
        headers:
          range === null
            ? {}
            : { "Content-Range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` },
      });
      return change(response, ranges.length, range);
    },
  });
  return {
    address: `127.0.0.1:${server.port}`,
    ranges,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

describe("a blob that is read", () => {
  test.each([0, 1, 700_000, 1_500_000])("comes whole, and from byte %d", async (offset) => {
    await using registry = await servedRegistry();
    const remote = connect(registry.address);
    await remote.writeBlob("app", descriptor, () => new Blob([bytes]));
    expect(digestOf(await read(remote, offset))).toBe(digestOf(bytes.subarray(offset)));
  });

  test("may have no bytes, or another algorithm", async () => {
    await using registry = await servedRegistry();
    const remote = connect(registry.address);
    for (const blob of [sampleBlob(0), sampleBlob(400_000, "sha512")]) {
      await remote.writeBlob("app", blob.descriptor, () => new Blob([blob.bytes]));
      expect(digestOf(await read(remote, 0, blob.descriptor))).toBe(digestOf(blob.bytes));
    }
  });

  test.each(["cut", "hold"] as const)("goes on after a connection is %s", async (ending) => {
    await using registry = await servedRegistry();
    await connect(registry.address).writeBlob("app", descriptor, () => new Blob([bytes]));
    await using line = await faultyLine(registry.address, (count) =>
      count <= 3 ? { down: 300_000, ending } : undefined,
    );
    const remote = connect(line.address, { limits: { stall: 200 } });
    expect(digestOf(await read(remote))).toBe(descriptor.digest);
    expect(line.connections()).toBe(4);
  });

  test("goes on although each third request fails", async () => {
    await using registry = storage((response, count) =>
      count % 3 === 0
        ? new Response(null, { status: 503 })
        : new Response(response.body?.pipeThrough(first(200_000)), response),
    );
    const remote = connect(registry.address, { limits: { progress: 1 } });
    expect(digestOf(await read(remote))).toBe(descriptor.digest);
    expect(registry.ranges.slice(0, 2)).toEqual([null, "bytes=200000-"]);
  });

  test("that drips is asked for again some times, then given up", async () => {
    let count = 0;
    await using registry = storage(() => {
      count++;
      const drops = new ReadableStream({
        async pull(controller) {
          await Bun.sleep(5);
          controller.enqueue(new Uint8Array(1));
        },
      });
      return new Response(drops);
    });
    const remote = connect(registry.address, { limits: { whole: 50, attempts: 2 } });
    expect((await failure(read(remote))).message).toMatch(
      /^Cannot reach the registry .*: no more than \d+ B came in 0.05 s$/,
    );
    expect(count).toBe(2);
  });

  test("is sent again from its start by who ignores ranges, and skipped", async () => {
    await using registry = storage((_, count) =>
      count === 1
        ? new Response(new Response(bytes).body?.pipeThrough(first(900_001)))
        : new Response(bytes),
    );
    expect(digestOf(await read(connect(registry.address)))).toBe(descriptor.digest);
    expect(registry.ranges).toEqual([null, "bytes=900001-"]);
  });

  test.each([
    ["bytes 0-1499999/1500000", "another part"],
    ["bytes 100-1499999/77", "it has 77 bytes"],
    ["", "another part"],
    ["bytes */1500000", "another part"],
  ])("that goes on with %p is refused", async (range, message) => {
    await using registry = storage((response) => {
      const headers = new Headers(response.headers);
      headers.set("Content-Range", range);
      return new Response(response.body, { status: 206, headers });
    });
    const error = await failure(read(connect(registry.address), 100));
    expect([error.kind, error.message]).toEqual(["failed", expect.stringContaining(message)]);
  });

  test("is given up where nothing new comes, however often it is asked for", async () => {
    await using registry = storage(
      (response) => new Response(response.body?.pipeThrough(first(1000)), response),
    );
    const error = await failure(read(connect(registry.address)));
    expect([error.kind, registry.ranges.length]).toEqual(["unreachable", 4]);
    expect(error.message).toContain(registry.address);
  });

  test("with other bytes is an error, and its last bytes are kept", async () => {
    const other = new Uint8Array(bytes);
    other[0] = 255 - (other[0] ?? 0);
    await using registry = storage(() => new Response(other));
    const chunks: Uint8Array[] = [];
    const error = await failure(
      (async () => {
        for await (const chunk of connect(registry.address).readBlob("app", descriptor)) {
          chunks.push(chunk);
        }
      })(),
    );
    expect([error.kind, error.message]).toEqual([
      "failed",
      `${registry.address} sent other bytes than those of ${descriptor.digest}`,
    ]);
    expect(Buffer.concat(chunks).byteLength).toBeLessThan(bytes.byteLength);
  });

  test("that is longer or shorter than its descriptor says is an error", async () => {
    await using registry = storage((response) => response);
    for (const size of [descriptor.size + 1, descriptor.size - 1]) {
      const error = await failure(read(connect(registry.address), 0, { ...descriptor, size }));
      expect(error.message).toContain(`it has ${descriptor.size} bytes, not ${size}`);
    }
    await using chunked = storage(
      () => new Response(new Blob([bytes, "more"]).stream().pipeThrough(first(2_000_000))),
    );
    expect((await failure(read(connect(chunked.address)))).message).toContain("more bytes than");
  });

  test("that is missing, or not to be seen, is told at once", async () => {
    await using registry = scriptedServer(() => new Response(null, { status: 404 }));
    const error = await failure(read(connect(registry.address)));
    expect([error.message, registry.asked.length]).toEqual([
      `Cannot read the blob ${descriptor.digest} on ${registry.address}: it answered 404`,
      1,
    ]);
  });

  test("is read no further than it is wanted, and ends with who reads it", async () => {
    let sent = 0;
    let isClosed = false;
    const server = createServer((socket) => {
      socket.on("error", () => undefined).on("close", () => (isClosed = true));
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 31}\r\n\r\n`);
        const piece = Buffer.alloc(1024 * 1024);
        const go = (): void => {
          sent += piece.length;
          if (sent < 2 ** 30) socket.write(piece, go);
        };
        go();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const reader = connect(address)
      .readBlob("app", { ...descriptor, size: 2 ** 31 })
      .getReader();
    await reader.read();
    // All that the buffers on the way take.
    let before = -1;
    await waitUntil("nothing more is taken", 30_000, async () => {
      const isQuiet = sent === before;
      before = sent;
      if (!isQuiet) await Bun.sleep(300);
      return isQuiet || undefined;
    });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    await reader.cancel();
    await waitUntil("the connection ends", 10_000, () => isClosed || undefined);
    server.close();
  });

  test("ends at once with its own signal, and the client goes on", async () => {
    await using registry = await servedRegistry();
    await connect(registry.address).writeBlob("app", descriptor, () => new Blob([bytes]));
    await using line = await faultyLine(registry.address, (count) =>
      count === 1 ? { down: 200_000, ending: "hold" } : undefined,
    );
    const remote = connect(line.address);
    const controller = new AbortController();
    const stream = remote.readBlob("app", descriptor, { signal: controller.signal });
    const reader = stream.getReader();
    await reader.read();
    const end = (async () => {
      while (!(await reader.read()).done);
    })();
    controller.abort(new HiveError("interrupted", "Enough"));
    expect((await failure(end)).message).toBe("Enough");
    expect(await remote.hasBlob("app", descriptor)).toBe(true);
  });
});

describe("a blob in another host's storage", () => {
  test("is asked for at the registry each time, and never with the credential", async () => {
    const credential = { bearer: "secret" };
    const shown: (string | null)[] = [];
    let signature = 0;
    using elsewhere = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        shown.push(request.headers.get("authorization"));
        const start = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
        // Each is good once.
        if (!request.url.endsWith(`?${signature}`)) return new Response(null, { status: 403 });
        signature = -signature;
        if (start === 0) return new Response(new Response(bytes).body?.pipeThrough(first(400_000)));
        return new Response(bytes.subarray(start), {
          status: 206,
          headers: { "Content-Range": `bytes ${start}-${bytes.length - 1}/*` },
        });
      },
    });
    await using registry = scriptedServer((_, count) => {
      // The second is no good from the start.
      signature = count === 2 ? -1 : count;
      const location = `http://127.0.0.1:${elsewhere.port}/x?${count}`;
      return new Response(null, { status: 307, headers: { Location: location } });
    });
    const remote = connect(registry.address, { credential });
    expect(digestOf(await read(remote))).toBe(descriptor.digest);
    expect(shown).toEqual([null, null, null]);
    expect(registry.asked.map(({ authorization }) => authorization)).toEqual([
      "Bearer secret",
      "Bearer secret",
      "Bearer secret",
    ]);
  });
});

/** Lets only so many bytes through. */
function first(count: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let left = count;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= Math.min(left, chunk.byteLength);
      if (left === 0) controller.terminate();
    },
  });
}
