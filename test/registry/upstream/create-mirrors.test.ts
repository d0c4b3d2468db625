import { expect, test } from "bun:test";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { codeOf } from "../support/registry-client.ts";
import { json } from "../../oci/support/sample-image.ts";
import { openMirror } from "./support/mirror-fixture.ts";

test("an image is the same by each of its names", async () => {
  await using mirror = await openMirror();
  const { digest } = await mirror.image("1", "layer");
  for (const [path, namespace] of [
    ["/v2/docker.io/library/app/manifests/1", null],
    ["/v2/docker.io/app/manifests/1", null],
    ["/v2/library/app/manifests/1", null],
    ["/v2/library/app/manifests/1?ns=docker.io", "docker.io"],
  ] as const) {
    const response = await mirror.get(path);
    expect(response.headers.get("docker-content-digest")).toBe(digest);
    expect(response.headers.get("oci-namespace")).toBe(namespace);
  }
  expect(mirror.asked).toHaveLength(1);
  expect(mirror.store.metadata.repositories()).toEqual(["docker.io/library/app"]);
});

test("nothing is pushed to copies; elsewhere pushes work, and own images come first", async () => {
  await using mirror = await openMirror();
  await mirror.image("1", "layer");
  const push = async (path: string, body: string): Promise<Response> =>
    await fetch(`${mirror.url}${path}`, { method: "POST", body });
  const digest = digestOf("x");
  for (const path of [
    `/v2/docker.io/library/app/blobs/uploads/?digest=${digest}`,
    `/v2/library/app/blobs/uploads/?digest=${digest}&ns=docker.io`,
  ]) {
    const refused = await push(path, "x");
    expect([refused.status, await codeOf(refused)]).toEqual([403, "DENIED"]);
  }
  const bytes = json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] });
  const put = async (path: string): Promise<number> =>
    (
      await fetch(`${mirror.url}${path}`, {
        method: "PUT",
        body: bytes,
        headers: { "Content-Type": mediaTypes.ociIndex },
      })
    ).status;
  expect(await put("/v2/docker.io/library/app/manifests/1")).toBe(403);
  expect(mirror.asked).toEqual([]);
  expect(await put("/v2/library/app/manifests/1")).toBe(201);
  const own = await mirror.get("/v2/library/app/manifests/1");
  expect(own.headers.get("docker-content-digest")).toBe(digestOf(bytes));
  expect((await mirror.get("/v2/library/app/manifests/2")).status).toBe(404);
  expect(mirror.asked).toEqual([]);
});

test("what a copy is not to be kept of any more can be deleted", async () => {
  await using mirror = await openMirror();
  await mirror.image("1", "layer");
  const path = "/v2/docker.io/library/app/manifests/1";
  await mirror.get(path);
  expect((await fetch(`${mirror.url}${path}`, { method: "DELETE" })).status).toBe(202);
  expect((await mirror.get(path)).status).toBe(200);
  expect(mirror.asked).toHaveLength(2);
});

test("what refers to an image is listed as it is there, and as it is here when nobody answers", async () => {
  await using mirror = await openMirror({ settings: { ttl: 0, pause: 0 } });
  const { digest, bytes } = await mirror.image("1", "layer");
  const signature = json({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: "application/vnd.test.signature",
    config: { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf("{}"), size: 2 },
    layers: [],
    subject: { mediaType: mediaTypes.ociManifest, digest, size: bytes.byteLength },
    // Longer than what a list keeps in memory.
    annotations: { long: "x".repeat(5000) },
  });
  await mirror.upstream.send("PUT", `/v2/library/app/manifests/${digestOf(signature)}`, {
    body: signature,
    headers: { "Content-Type": mediaTypes.ociManifest },
  });
  const list = async (query = ""): Promise<unknown> => {
    const response = await mirror.get(`/v2/docker.io/library/app/referrers/${digest}${query}`);
    return ((await response.json()) as { manifests: unknown }).manifests;
  };
  const expected = [
    expect.objectContaining({
      digest: digestOf(signature),
      artifactType: "application/vnd.test.signature",
      annotations: { long: "x".repeat(5000) },
    }),
  ];
  expect(await list()).toEqual(expected);
  expect(await list("?artifactType=application/vnd.test.signature")).toEqual(expected);
  expect(await list("?artifactType=other")).toEqual([]);
  mirror.intercept = () => new Response("no", { status: 500 });
  expect(await list()).toEqual([]);
  mirror.intercept = () => undefined;
  await mirror.get(`/v2/docker.io/library/app/manifests/${digestOf(signature)}`);
  mirror.intercept = () => new Response("no", { status: 500 });
  expect(await list()).toEqual(expected);
});

test("who may not read what is asked for learns nothing, and asks nobody", async () => {
  const readable = new Set(["docker.io/library/app"]);
  await using mirror = await openMirror({
    authenticate: (request) => ({
      user: request.headers.get("x-user") ?? undefined,
      admin: false,
      challenge: "Basic",
      may: (action, name) => action === "read" && readable.has(name),
    }),
  });
  await mirror.image("1", "layer");
  const status = async (path: string): Promise<number> =>
    (await mirror.get(path, { "x-user": "bob" })).status;
  expect(await status("/v2/docker.io/library/other/manifests/1")).toBe(403);
  // Whether there is a `library/app` of our own is not to be learned.
  expect(await status("/v2/library/app/manifests/1")).toBe(403);
  expect(mirror.asked).toEqual([]);
  expect(await status("/v2/library/app/manifests/1?ns=docker.io")).toBe(200);
  expect((await mirror.get("/v2/docker.io/library/app/manifests/1")).status).toBe(200);
});

test("what a client shows is not shown to the upstream", async () => {
  await using mirror = await openMirror();
  await mirror.image("1", "layer");
  const seen: (string | null)[] = [];
  mirror.intercept = (request) => {
    seen.push(request.headers.get("authorization"), request.headers.get("cookie"));
    return undefined;
  };
  await mirror.get("/v2/docker.io/library/app/manifests/1", {
    Authorization: "Basic Ym9iOnNlY3JldA==",
    Cookie: "session=secret",
  });
  expect(seen).toEqual([null, null]);
});

test("tags are listed as they are there, page by page, and asked for once", async () => {
  await using mirror = await openMirror({ settings: { ttl: 60_000, pause: 0 } });
  for (const tag of ["2", "1", "10"]) await mirror.image(tag, "layer");
  await mirror.get("/v2/docker.io/library/app/manifests/1");
  const list = async (query = ""): Promise<unknown> =>
    await (await mirror.get(`/v2/docker.io/library/app/tags/list${query}`)).json();
  expect(await list()).toEqual({ name: "docker.io/library/app", tags: ["1", "10", "2"] });
  expect(await list("?n=1&last=1")).toMatchObject({ tags: ["10"] });
  expect(mirror.asked.filter((line) => line.endsWith("/tags/list"))).toHaveLength(1);
  const missing = await mirror.get("/v2/docker.io/library/none/tags/list");
  expect([missing.status, await codeOf(missing)]).toEqual([404, "NAME_UNKNOWN"]);
});

test.each([
  ["of many tags is asked for once", 10_000, 1],
  ["that would fill the memory is asked for each time", 50_000, 2],
])("a list %s", async (_, count, times) => {
  await using mirror = await openMirror({ settings: { ttl: 60_000 } });
  const tags = Array.from({ length: count }, (__, index) => `${"x".repeat(100)}${index}`);
  mirror.intercept = () => Response.json({ tags });
  for (const query of ["", "?last=x"]) {
    const response = await mirror.get(`/v2/docker.io/library/app/tags/list${query}`);
    expect(((await response.json()) as { tags: unknown[] }).tags.length).toBeGreaterThan(100);
  }
  expect(mirror.asked).toHaveLength(times);
});

test("tags that are stored are listed when nobody answers", async () => {
  await using mirror = await openMirror({ settings: { ttl: 0, pause: 0 } });
  for (const tag of ["1", "2"]) await mirror.image(tag, "layer");
  await mirror.get("/v2/docker.io/library/app/manifests/1");
  mirror.intercept = () => new Response("no", { status: 500 });
  const response = await mirror.get("/v2/docker.io/library/app/tags/list");
  expect(await response.json()).toEqual({ name: "docker.io/library/app", tags: ["1"] });
});
