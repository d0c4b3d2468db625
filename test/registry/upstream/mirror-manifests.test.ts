import { expect, test } from "bun:test";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { RegistryError } from "../../../src/registry/registry-error.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { codeOf } from "../support/registry-client.ts";
import { openMirror } from "./support/mirror-fixture.ts";

const tagPath = "/v2/docker.io/library/app/manifests/1";

test("a tag is fetched once, and not asked for again while it counts", async () => {
  await using mirror = await openMirror();
  const { bytes, digest } = await mirror.image("1", "layer");
  for (const path of [tagPath, tagPath, `/v2/docker.io/library/app/manifests/${digest}`]) {
    const response = await mirror.get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(mediaTypes.ociManifest);
    expect(response.headers.get("docker-content-digest")).toBe(digest);
    expect(response.headers.get("warning")).toBeNull();
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(bytes));
  }
  expect(mirror.asked).toEqual(["GET /v2/library/app/manifests/1"]);
  expect(mirror.mirrors.counts).toMatchObject({
    hits: 2,
    misses: 1,
    fetchedBytes: bytes.byteLength,
  });
});

test("64 clients that ask for the same at once are one question", async () => {
  await using mirror = await openMirror();
  const { digest } = await mirror.image("1", "layer");
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  mirror.intercept = async () => {
    await gate;
    return undefined;
  };
  const answers = Array.from({ length: 64 }, () => mirror.get(tagPath));
  open();
  for (const answer of await Promise.all(answers)) {
    expect(answer.headers.get("docker-content-digest")).toBe(digest);
    await answer.arrayBuffer();
  }
  expect(mirror.asked).toEqual(["GET /v2/library/app/manifests/1"]);
});

test("a tag that moved is noticed, by a question that costs no pull, and what is known is not read again", async () => {
  await using mirror = await openMirror({ settings: { ttl: 0 } });
  const first = await mirror.image("1", "one");
  const digestNow = async (): Promise<string | null> => {
    const response = await mirror.get(tagPath);
    await response.arrayBuffer();
    return response.headers.get("docker-content-digest");
  };
  expect(await digestNow()).toBe(first.digest);
  expect(await digestNow()).toBe(first.digest);
  const second = await mirror.image("1", "two");
  expect(await digestNow()).toBe(second.digest);
  await mirror.image("1", "one");
  expect(await digestNow()).toBe(first.digest);
  expect(mirror.asked).toEqual([
    "GET /v2/library/app/manifests/1",
    "HEAD /v2/library/app/manifests/1",
    "HEAD /v2/library/app/manifests/1",
    `GET /v2/library/app/manifests/${second.digest}`,
    "HEAD /v2/library/app/manifests/1",
  ]);
});

test("what is not there is 404, for a while without another question", async () => {
  await using mirror = await openMirror();
  for (let time = 0; time < 3; time++) {
    const response = await mirror.get(tagPath);
    expect([response.status, await codeOf(response)]).toEqual([404, "MANIFEST_UNKNOWN"]);
  }
  expect(mirror.asked).toHaveLength(1);
});

test("a tag that is gone there goes, its image stays", async () => {
  await using mirror = await openMirror({ settings: { ttl: 0 } });
  const { digest } = await mirror.image("1", "layer");
  expect((await mirror.get(tagPath)).status).toBe(200);
  await mirror.upstream.send("DELETE", "/v2/library/app/manifests/1");
  expect((await mirror.get(tagPath)).status).toBe(404);
  expect(mirror.store.metadata.tags("docker.io/library/app")).toEqual([]);
  expect((await mirror.get(`/v2/docker.io/library/app/manifests/${digest}`)).status).toBe(200);
});

test.each([
  ["rate-limited", 429],
  ["broken", 500],
  ["no longer for us", 401],
])("an upstream that is %s: what is stored is served, with a warning", async (_, status) => {
  await using mirror = await openMirror({ settings: { ttl: 0 } });
  const { digest } = await mirror.image("1", "layer");
  expect((await mirror.get(tagPath)).status).toBe(200);
  mirror.intercept = () =>
    new Response(JSON.stringify({ errors: [{ code: "DENIED", message: "no" }] }), {
      status,
      headers: { "Retry-After": "3600" },
    });
  const before = mirror.asked.length;
  for (let time = 0; time < 3; time++) {
    const response = await mirror.get(tagPath);
    expect(response.headers.get("docker-content-digest")).toBe(digest);
    expect(response.headers.get("warning")).toBe('299 - "docker.io could not be asked"');
  }
  // It is left in peace for a while, and said once.
  const asked = mirror.asked.length - before;
  expect(asked).toBeLessThanOrEqual(3);
  expect(mirror.warnings).toHaveLength(1);
  expect(mirror.mirrors.counts.stale).toBe(3);
});

test("an upstream that is slow: what is stored is served, and what it says later counts", async () => {
  await using mirror = await openMirror({ settings: { ttl: 0, patience: 10 } });
  const first = await mirror.image("1", "one");
  await mirror.get(tagPath);
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  mirror.intercept = async () => {
    await gate;
    return undefined;
  };
  const second = await mirror.image("1", "two");
  for (let time = 0; time < 3; time++) {
    const slow = await mirror.get(tagPath);
    expect(slow.headers.get("docker-content-digest")).toBe(first.digest);
    expect(slow.headers.get("warning")).toBe('299 - "docker.io is slow to answer"');
  }
  expect(mirror.asked).toHaveLength(2);
  open();
  await waitUntil("the tag has moved", 10_000, () =>
    mirror.store.metadata.findTag("docker.io/library/app", "1")?.digest === second.digest
      ? true
      : undefined,
  );
});

test("nothing stored, nobody there: 502 that says so", async () => {
  await using mirror = await openMirror({ address: "127.0.0.1:1" });
  const response = await mirror.get(tagPath);
  expect(response.status).toBe(502);
  expect(await response.text()).toContain("docker.io: Cannot reach the registry 127.0.0.1:1");
  expect(mirror.errors).toEqual([]);
});

test("a registry that refuses is as one that has nothing: Docker Hub says so of what is not there", async () => {
  await using mirror = await openMirror();
  mirror.intercept = () => Response.json({ errors: [{ code: "UNAUTHORIZED" }] }, { status: 401 });
  expect((await mirror.get(tagPath)).status).toBe(404);
});

test("another manifest than the digest says is never stored", async () => {
  await using mirror = await openMirror();
  const { digest } = await mirror.image("1", "layer");
  const other = await mirror.image("2", "other");
  mirror.intercept = () =>
    new Response(other.bytes, { headers: { "Content-Type": mediaTypes.ociManifest } });
  const path = `/v2/docker.io/library/app/manifests/${digest}`;
  expect((await mirror.get(path)).status).toBe(502);
  expect(mirror.store.blobs.find(digest)).toBeUndefined();
  expect(mirror.store.blobs.find(other.digest)).toBeUndefined();
});

test("a pinned tag is never asked for again", async () => {
  await using mirror = await openMirror({ settings: { ttl: 0, isPinned: (tag) => tag === "1" } });
  const { digest } = await mirror.image("1", "one");
  await mirror.get(tagPath);
  await mirror.image("1", "two");
  const response = await mirror.get(tagPath);
  expect(response.headers.get("docker-content-digest")).toBe(digest);
  expect(mirror.asked).toHaveLength(1);
});

test("without room a manifest is handed on and not stored", async () => {
  await using mirror = await openMirror({
    requireRoom() {
      throw new RegistryError(507, "DENIED", "the registry's disk is almost full");
    },
  });
  const { digest, bytes } = await mirror.image("1", "layer");
  const response = await mirror.get(tagPath);
  expect(response.headers.get("docker-content-digest")).toBe(digest);
  expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(bytes));
  expect(mirror.store.blobs.find(digest)).toBeUndefined();
});

test("a registry is asked no more at a time than is allowed", async () => {
  await using mirror = await openMirror({ settings: { questions: 2, queue: 100 } });
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  mirror.intercept = async () => {
    await gate;
    return undefined;
  };
  const ask = (tag: string): Promise<Response> =>
    mirror.get(`/v2/docker.io/library/app/manifests/${tag}`);
  const held = [ask("1"), ask("2")];
  await waitUntil("both are asked", 10_000, () => (mirror.asked.length === 2 ? true : undefined));
  const refused = await ask("3");
  expect([refused.status, await refused.text()]).toEqual([
    502,
    expect.stringContaining("2 questions to it wait for an answer"),
  ]);
  open();
  for (const answer of await Promise.all(held)) expect(answer.status).toBe(404);
  expect((await ask("3")).status).toBe(404);
});
