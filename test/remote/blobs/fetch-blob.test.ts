import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { digestOf } from "../../../src/oci/digest.ts";
import { blobSize, fetchBlob } from "../../../src/remote/blobs/fetch-blob.ts";
import { parseRegistryAddress } from "../../../src/remote/registry-address.ts";
import { createRemoteClient, type RemoteClient } from "../../../src/remote/remote-client.ts";
import { defaultRemoteLimits } from "../../../src/remote/remote-limits.ts";
import { rejection } from "../../support/rejection.ts";
import { faultyLine } from "../support/faulty-line.ts";

const content = randomBytes(300_000);
const digest = digestOf(content);
const { signal } = new AbortController();

/** A registry that answers as `answer` does, and a client for it. */
function open(answer: (request: Request, count: number) => Response): Disposable & {
  readonly client: RemoteClient;
  readonly ranges: (string | null)[];
} {
  const ranges: (string | null)[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    fetch(request) {
      ranges.push(request.headers.get("range"));
      return answer(request, ranges.length);
    },
    error: () => new Response(null, { status: 500 }),
  });
  const address = parseRegistryAddress(`127.0.0.1:${server.port}`);
  const limits = { ...defaultRemoteLimits, firstDelay: 1 };
  return {
    client: createRemoteClient({ address, trusted: undefined, limits, signal }, undefined),
    ranges,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

const unknown = (): Response => Response.json({ errors: [] }, { status: 404 });

/** The first half, and then the end of the connection. */
function half(): Response {
  let sent = false;
  return new Response(
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (sent) {
          await Bun.sleep(10);
          controller.error(new Error("cut"));
        } else controller.enqueue(content.subarray(0, 150_000));
        sent = true;
      },
    }),
  );
}

test("fetchBlob() finds out the size, and reads to the end", async () => {
  using registry = open(() => new Response(content));
  const found = await fetchBlob(registry.client, "app", digest, signal);
  expect(found?.size).toBe(content.length);
  const bytes = await new Response(found?.content).bytes();
  expect(Buffer.from(bytes).equals(content)).toBe(true);
  expect(registry.ranges).toEqual([null]);
});

test("where a connection breaks it goes on", async () => {
  const {
    client: direct,
    ranges,
    ...served
  } = open((request) => {
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
    const rest = content.subarray(start);
    if (start === 0) return new Response(rest);
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    return new Response(rest, { status: 206, headers: { "Content-Range": range } });
  });
  using _ = served;
  await using line = await faultyLine(direct.endpoint.address.host, (connection) =>
    connection === 1 ? { down: 150_000, ending: "hold" } : undefined,
  );
  const address = parseRegistryAddress(line.address);
  const client = createRemoteClient({ ...direct.endpoint, address }, undefined);
  const found = await fetchBlob(client, "app", digest, signal);
  const chunks: Uint8Array[] = [];
  for await (const chunk of found?.content ?? []) {
    chunks.push(chunk);
    // What has not been read when a connection breaks may be lost with it.
    if (line.connections() === 1) line.cut();
  }
  expect(Buffer.concat(chunks).equals(content)).toBe(true);
  expect(ranges).toEqual([null, expect.stringMatching(/^bytes=[1-9]\d*-/)]);
});

test("what there is not is undefined", async () => {
  using registry = open(unknown);
  expect(await fetchBlob(registry.client, "app", digest, signal)).toBeUndefined();
  expect(await blobSize(registry.client, "app", digest)).toBeUndefined();
});

test("blobSize() asks without the content", async () => {
  using registry = open(({ method }) =>
    method === "HEAD" ? new Response(content) : new Response("no", { status: 500 }),
  );
  expect(await blobSize(registry.client, "app", digest)).toBe(content.length);
});

test("a registry that does not say how much comes is read as far as it goes", async () => {
  using registry = open(half);
  const found = await fetchBlob(registry.client, "app", digest, signal);
  expect(found?.size).toBeUndefined();
  expect(await rejection(new Response(found?.content).bytes())).toMatchObject({
    kind: "unreachable",
  });
  expect(registry.ranges).toEqual([null]);
});

test("the signal ends it", async () => {
  using registry = open(
    () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(content.subarray(0, 1000)),
        }),
      ),
  );
  const stop = new AbortController();
  const found = await fetchBlob(registry.client, "app", digest, stop.signal);
  const reading = rejection(new Response(found?.content).bytes());
  stop.abort(new Error("enough"));
  expect(String(await reading)).toContain("enough");
});
