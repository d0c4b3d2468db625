import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { digestOf } from "../../../src/oci/digest.ts";
import { RegistryError } from "../../../src/registry/registry-error.ts";
import { rejection } from "../../support/rejection.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { openMirror } from "./support/mirror-fixture.ts";

const repository = "docker.io/library/app";

/** An answer with `content` that comes when it is told to. */
function slowly(content: Uint8Array<ArrayBuffer>): {
  readonly response: () => Response;
  send(bytes: number): void;
  end(): void;
  breakOff(): void;
  readonly state: { canceled: boolean; opened: number };
} {
  const state = { canceled: false, opened: 0 };
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let sent = 0;
  return {
    state,
    response() {
      state.opened++;
      const body = new ReadableStream<Uint8Array>({
        start: (own) => void (controller = own),
        cancel: () => void (state.canceled = true),
      });
      return new Response(body);
    },
    send(bytes) {
      controller?.enqueue(content.subarray(sent, sent + bytes));
      sent += bytes;
    },
    end: () => controller?.close(),
    breakOff: () => controller?.error(new Error("cut")),
  };
}

test("a blob is fetched once, and then stored", async () => {
  await using mirror = await openMirror();
  const content = randomBytes(3_000_000);
  const { layer } = await mirror.image("1", content);
  const path = `/v2/${repository}/blobs/${layer}`;
  for (let time = 0; time < 2; time++) {
    const response = await mirror.get(path);
    expect(response.headers.get("docker-content-digest")).toBe(layer);
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
  }
  expect(mirror.asked).toEqual([`GET /v2/library/app/blobs/${layer}`]);
  expect(mirror.store.findBlob(repository, layer)?.size).toBe(content.length);
  expect(mirror.mirrors.counts).toMatchObject({ misses: 1, hits: 1, fetchedBytes: content.length });
});

test("64 clients, each at its own place, read one download along; what came is there before the end", async () => {
  await using mirror = await openMirror();
  const content = randomBytes(4_000_000);
  const { layer } = await mirror.image("1", content);
  const upstream = slowly(content);
  mirror.intercept = () => upstream.response();
  const path = `/v2/${repository}/blobs/${layer}`;
  const early = Array.from({ length: 32 }, () => mirror.get(path));
  await waitUntil("it is asked for", 10_000, () => (upstream.state.opened > 0 ? true : undefined));
  upstream.send(1_000_000);
  const [first] = await Promise.all(early);
  const reader = first?.body?.getReader();
  let came = 0;
  while (came < 900_000) came += (await reader?.read())?.value?.byteLength ?? Number.NaN;
  const late = Array.from({ length: 32 }, () => mirror.get(path));
  await Promise.all(late);
  upstream.send(3_000_000);
  upstream.end();
  for (const response of (await Promise.all([...early, ...late])).slice(1)) {
    expect(digestOf(new Uint8Array(await response.arrayBuffer()))).toBe(layer);
  }
  for (let chunk = await reader?.read(); chunk?.value; chunk = await reader?.read()) {
    came += chunk.value.byteLength;
  }
  expect(came).toBe(content.length);
  expect(mirror.asked).toHaveLength(1);
});

test("other bytes than the digest says are stored nowhere, and nobody gets a whole blob of them", async () => {
  await using mirror = await openMirror();
  const { layer } = await mirror.image("1", "right");
  mirror.intercept = () => new Response("wrong");
  const small = await mirror.get(`/v2/${repository}/blobs/${layer}`);
  expect([small.status, await small.text()]).toEqual([
    502,
    expect.stringContaining(`docker.io: it sent other bytes than those of ${layer}`),
  ]);
  expect(mirror.store.blobs.find(layer)).toBeUndefined();
  expect(mirror.store.blobs.find(digestOf("wrong"))).toBeUndefined();
  expect(mirror.warnings).toEqual([
    `Mirror of docker.io: it sent other bytes than those of ${layer}; what is stored is served`,
  ]);
  // It is not remembered either.
  mirror.intercept = () => undefined;
  const again = await mirror.get(`/v2/${repository}/blobs/${layer}`);
  expect(await again.text()).toBe("right");
});

test("nor when they come slowly: the last byte is held back", async () => {
  await using mirror = await openMirror();
  const content = randomBytes(1_000_000);
  const { layer } = await mirror.image("1", randomBytes(1_000_000));
  const upstream = slowly(content);
  mirror.intercept = () => upstream.response();
  const answer = mirror.get(`/v2/${repository}/blobs/${layer}`);
  await waitUntil("it is asked for", 10_000, () => (upstream.state.opened > 0 ? true : undefined));
  upstream.send(content.length - 1);
  const response = await answer;
  expect(response.status).toBe(200);
  upstream.send(1);
  upstream.end();
  await rejection(response.arrayBuffer());
  expect(mirror.store.blobs.find(layer)).toBeUndefined();
});

test("more bytes than were announced are not stored to their end", async () => {
  await using mirror = await openMirror();
  const { layer } = await mirror.image("1", "right");
  mirror.intercept = () => new Response("right and more");
  expect((await mirror.get(`/v2/${repository}/blobs/${layer}`)).status).toBe(502);
  expect(mirror.store.blobs.find(layer)).toBeUndefined();
});

test("an upstream that stops in the middle: the client notices, nothing is stored", async () => {
  await using mirror = await openMirror();
  const content = randomBytes(2_000_000);
  const { layer } = await mirror.image("1", content);
  const upstream = slowly(content);
  mirror.intercept = () => upstream.response();
  const answer = mirror.get(`/v2/${repository}/blobs/${layer}`);
  await waitUntil("it is asked for", 10_000, () => (upstream.state.opened > 0 ? true : undefined));
  upstream.send(1_000_000);
  const response = await answer;
  upstream.breakOff();
  await rejection(response.arrayBuffer());
  expect(mirror.store.blobs.find(layer)).toBeUndefined();
  mirror.intercept = () => undefined;
  const again = await mirror.get(`/v2/${repository}/blobs/${layer}`);
  expect(digestOf(new Uint8Array(await again.arrayBuffer()))).toBe(layer);
});

test("a download that nobody reads any more ends, when much is left", async () => {
  await using mirror = await openMirror({ settings: { linger: 0 } });
  const content = randomBytes(1_000_000);
  const { layer } = await mirror.image("1", content);
  const upstream = slowly(content);
  mirror.intercept = () => upstream.response();
  const abort = new AbortController();
  const answer = fetch(`${mirror.url}/v2/${repository}/blobs/${layer}`, { signal: abort.signal });
  await waitUntil("it is asked for", 10_000, () => (upstream.state.opened > 0 ? true : undefined));
  upstream.send(100_000);
  await answer;
  abort.abort();
  await waitUntil("the upstream is told", 20_000, () => {
    // To write is how a server learns that nobody is there.
    if (!upstream.state.canceled) upstream.send(10);
    return upstream.state.canceled ? true : undefined;
  });
  expect(mirror.warnings).toEqual([]);
});

test("a download that is nearly done goes on without readers", async () => {
  await using mirror = await openMirror({ settings: { linger: 0 } });
  const content = randomBytes(100_000);
  const { layer } = await mirror.image("1", content);
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  mirror.intercept = () =>
    new Response(
      new ReadableStream<Uint8Array>({
        async start(controller) {
          controller.enqueue(content.subarray(0, 70_000));
          await gate;
          controller.enqueue(content.subarray(70_000));
          controller.close();
        },
      }),
    );
  const abort = new AbortController();
  const response = await fetch(`${mirror.url}/v2/${repository}/blobs/${layer}`, {
    signal: abort.signal,
  });
  await response.body?.getReader().read();
  abort.abort();
  open();
  await waitUntil("it is stored", 10_000, () => mirror.store.findBlob(repository, layer));
});

test("parts of a blob that is not here yet are of the one download", async () => {
  await using mirror = await openMirror();
  const content = randomBytes(500_000);
  const { layer } = await mirror.image("1", content);
  const path = `/v2/${repository}/blobs/${layer}`;
  const parts = await Promise.all(
    [
      [0, 99],
      [100_000, 200_000],
      [499_999, 499_999],
    ].map(async ([start = 0, end = 0]) => {
      const response = await mirror.get(path, { Range: `bytes=${start}-${end}` });
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(bytes.equals(content.subarray(start, end + 1))).toBe(true);
      return [response.status, response.headers.get("content-range")];
    }),
  );
  expect(parts).toEqual([
    [206, "bytes 0-99/500000"],
    [206, "bytes 100000-200000/500000"],
    [206, "bytes 499999-499999/500000"],
  ]);
  expect(mirror.asked).toHaveLength(1);
  const outside = await mirror.get(path, { Range: "bytes=500000-" });
  expect(outside.status).toBe(416);
});

test("HEAD asks for the size alone", async () => {
  await using mirror = await openMirror();
  const { layer } = await mirror.image("1", "12345");
  const path = `${mirror.url}/v2/${repository}/blobs/${layer}`;
  const response = await fetch(path, { method: "HEAD" });
  expect(response.headers.get("content-length")).toBe("5");
  expect(mirror.asked).toEqual([`HEAD /v2/library/app/blobs/${layer}`]);
  expect(mirror.store.findBlob(repository, layer)).toBeUndefined();
});

test("the word of an upstream is enough for what came from there, as another of its repositories", async () => {
  await using mirror = await openMirror();
  const { layer } = await mirror.image("1", "shared");
  for (const name of ["app", "other"]) {
    mirror.intercept = (request) =>
      request.method === "HEAD"
        ? new Response(null, { headers: { "Content-Length": "6" } })
        : undefined;
    const path = `/v2/docker.io/library/${name}/blobs/${layer}`;
    expect(await (await mirror.get(path)).text()).toBe("shared");
  }
  expect(mirror.asked).toEqual([
    `GET /v2/library/app/blobs/${layer}`,
    `HEAD /v2/library/other/blobs/${layer}`,
  ]);
});

test("it opens nothing of our own: what is here as somebody else's has to come from there", async () => {
  await using mirror = await openMirror();
  const { layer } = await mirror.image("1", "shared");
  const secret = digestOf("secret");
  for (const [content, digest] of [
    ["shared", layer],
    ["secret", secret],
  ] as const) {
    const path = `${mirror.url}/v2/private/app/blobs/uploads/?digest=${digest}`;
    expect((await fetch(path, { method: "POST", body: content })).status).toBe(201);
  }
  // It says that it has all there is, as one would that wants to know what is here.
  mirror.intercept = (request) =>
    request.method === "HEAD"
      ? new Response(null, { headers: { "Content-Length": "6" } })
      : undefined;
  expect((await mirror.get(`/v2/${repository}/blobs/${secret}`)).status).toBe(404);
  expect(await (await mirror.get(`/v2/${repository}/blobs/${layer}`)).text()).toBe("shared");
});

test("a layer that several images have is fetched for all of them together, if each has it", async () => {
  await using mirror = await openMirror();
  const content = randomBytes(500_000);
  const { layer } = await mirror.image("1", content);
  for (const name of ["b", "c"]) {
    const path = `/v2/library/${name}/blobs/uploads/?digest=${layer}`;
    await mirror.upstream.send("POST", path, { body: content });
  }
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  mirror.intercept = async ({ method, url }) => {
    if (url.includes("/library/d/")) return new Response(null, { status: 404 });
    if (method === "GET") await gate;
    return undefined;
  };
  const answers = ["app", "b", "c", "d"].map((name) =>
    mirror.get(`/v2/docker.io/library/${name}/blobs/${layer}`),
  );
  await waitUntil("one is asked for", 10_000, () => (mirror.asked.length > 0 ? true : undefined));
  open();
  const bodies = (await Promise.all(answers)).map(async (answer) => {
    const bytes = Buffer.from(await answer.arrayBuffer());
    return [answer.status, bytes.equals(content)];
  });
  expect(await Promise.all(bodies)).toEqual([
    [200, true],
    [200, true],
    [200, true],
    [404, false],
  ]);
  const fetched = mirror.asked.filter((line) => line.startsWith("GET /v2/library/"));
  expect(fetched.filter((line) => !line.includes("/d/"))).toHaveLength(1);
  await waitUntil("all have it", 10_000, () =>
    ["app", "b", "c"].every((name) => mirror.store.findBlob(`docker.io/library/${name}`, layer))
      ? true
      : undefined,
  );
  expect(mirror.store.findBlob("docker.io/library/d", layer)).toBeUndefined();
});

test("without room a blob is handed on and not stored", async () => {
  await using mirror = await openMirror({
    requireRoom(_, bytes = 0) {
      if (bytes > 1000) throw new RegistryError(507, "DENIED", "the disk is almost full");
    },
  });
  const content = randomBytes(100_000);
  const { layer } = await mirror.image("1", content);
  const path = `/v2/${repository}/blobs/${layer}`;
  const answers = await Promise.all([mirror.get(path), mirror.get(path)]);
  for (const answer of answers) {
    expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
  }
  expect(mirror.store.blobs.find(layer)).toBeUndefined();
});

test("no more blobs are fetched at a time than are allowed to be", async () => {
  await using mirror = await openMirror({ settings: { downloads: 2, queue: 200 } });
  const contents = [1, 2, 3].map((number) => randomBytes(1000 * number));
  const layers = contents.map((content) => digestOf(content));
  const upstreams = new Map(
    contents.map((content) => [digestOf(content) as string, slowly(content)]),
  );
  mirror.intercept = (request) => upstreams.get(request.url.split("/").at(-1) ?? "")?.response();
  const paths = layers.map((layer) => `/v2/${repository}/blobs/${layer}`);
  const [first = "", second = "", third = ""] = paths;
  const held = [mirror.get(first), mirror.get(second)];
  await waitUntil("both are asked for", 10_000, () =>
    mirror.asked.length === 2 ? true : undefined,
  );
  const refused = await mirror.get(third);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "5"]);
  for (const layer of layers.slice(0, 2)) {
    upstreams.get(layer)?.send(3000);
    upstreams.get(layer)?.end();
  }
  for (const answer of await Promise.all(held)) await answer.arrayBuffer();
  const again = mirror.get(third);
  await waitUntil("it is asked for", 10_000, () => (mirror.asked.length === 3 ? true : undefined));
  upstreams.get(layers[2] ?? "")?.send(3000);
  upstreams.get(layers[2] ?? "")?.end();
  expect((await (await again).arrayBuffer()).byteLength).toBe(3000);
});
