import { afterEach, beforeEach, expect, test } from "bun:test";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { json } from "../oci/support/sample-image.ts";
import { image, push, type Pushed } from "./support/push-image.ts";
import { codeOf, openRegistry, type RegistryFixture } from "./support/registry-client.ts";

let r: RegistryFixture;
let first: Pushed;
let second: Pushed;

beforeEach(async () => {
  r = await openRegistry({
    membership: "repository",
    tagRules: { role: "prod", isMutable: (tag) => tag === "latest" },
    isOperator: (request) => request.headers.get("authorization") === "Bearer control",
  });
  first = await image(r, { annotations: { name: "first" } });
  second = await image(r, { annotations: { name: "second" } });
});
afterEach(() => r[Symbol.asyncDispose]());

const tagged = (tag: string): string | undefined => r.metadata.findTag("a", tag)?.digest;

async function refused(response: Response): Promise<string> {
  const { status } = response;
  const { errors } = (await response.json()) as { errors: { code: string; message: string }[] };
  return `${status} ${errors[0]?.code}: ${errors[0]?.message}`;
}

test("a tag is given once; the same again is no change", async () => {
  const path = "/v2/a/manifests/1.0";
  expect((await push(r, path, first)).status).toBe(201);
  expect((await push(r, path, first)).status).toBe(201);
  expect(await refused(await push(r, path, second))).toBe(
    `403 DENIED: the tag 1.0 stands for ${first.digest}, and tags stay in a registry of the role prod: push under another tag`,
  );
  expect(tagged("1.0")).toBe(first.digest as never);
  expect((await push(r, "/v2/a/manifests/1.1", second)).status).toBe(201);
});

test("of two pushes of one tag at the same time one wins", async () => {
  for (let round = 0; round < 20; round++) {
    const path = `/v2/a/manifests/race-${round}`;
    const answers = await Promise.all([push(r, path, first), push(r, path, second)]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 403]));
    const winner = answers[0]?.status === 201 ? first : second;
    expect(tagged(`race-${round}`)).toBe(winner.digest as never);
  }
});

test("tags that may move do, and may be deleted", async () => {
  for (const pushed of [first, second]) {
    expect((await push(r, "/v2/a/manifests/latest", pushed)).status).toBe(201);
  }
  expect(tagged("latest")).toBe(second.digest as never);
  expect((await r.send("DELETE", "/v2/a/manifests/latest")).status).toBe(202);
});

test("of several tags in one push all are given, or none", async () => {
  await push(r, "/v2/a/manifests/1.0", first);
  const path = (tags: string): string => `/v2/a/manifests/${second.digest}?${tags}`;
  const answer = await push(r, path("tag=2.0&tag=1.0&tag=latest"), second);
  expect([answer.status, await codeOf(answer)]).toEqual([403, "DENIED"]);
  expect(r.metadata.tags("a")).toEqual(["1.0"]);
  expect((await push(r, path("tag=2.0&tag=latest"), second)).status).toBe(201);
  expect((await push(r, path("tag=2.0&tag=latest"), second)).status).toBe(201);
});

test("neither a tag nor anything that it needs can be deleted", async () => {
  await push(r, "/v2/a/manifests/1.0", first);
  expect(await refused(await r.send("DELETE", "/v2/a/manifests/1.0"))).toBe(
    "403 DENIED: the tag 1.0 may not be deleted: tags stay in a registry of the role prod: `hive registry delete` on its own machine removes them",
  );
  expect(await refused(await r.send("DELETE", `/v2/a/manifests/${first.digest}`))).toStartWith(
    `403 DENIED: the tag 1.0 needs ${first.digest}`,
  );
  const layer = digestOf("layer");
  expect((await r.send("DELETE", `/v2/a/blobs/${layer}`)).status).toBe(403);
  expect((await r.send("GET", `/v2/a/blobs/${layer}`)).status).toBe(200);
  expect((await r.send("DELETE", "/v2/a/manifests/2.0")).status).toBe(404);
});

test("an index needs its images", async () => {
  await push(r, `/v2/a/manifests/${first.digest}`, first);
  const bytes = json({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [
      { mediaType: mediaTypes.ociManifest, digest: first.digest, size: first.bytes.length },
    ],
  });
  const answer = await r.send("PUT", "/v2/a/manifests/1.0", {
    body: bytes,
    headers: { "Content-Type": mediaTypes.ociIndex },
  });
  expect(answer.status).toBe(201);
  expect((await r.send("DELETE", `/v2/a/manifests/${first.digest}`)).status).toBe(403);
  expect((await r.send("DELETE", `/v2/a/blobs/${digestOf("layer")}`)).status).toBe(403);
});

test("what a tag stands for keeps its type", async () => {
  // As OCI allows it, its bytes do not say what they are.
  const { mediaType: _, ...untyped } = JSON.parse(new TextDecoder().decode(first.bytes));
  const bytes = json(untyped);
  const path = `/v2/a/manifests/${digestOf(bytes)}`;
  const put = async (type: string) =>
    await r.send("PUT", path, { body: bytes, headers: { "Content-Type": type } });
  const type = async () => (await r.send("HEAD", path)).headers.get("content-type");
  expect((await put(mediaTypes.dockerManifest)).status).toBe(201);
  expect((await put(mediaTypes.ociManifest)).status).toBe(201);
  await push(r, "/v2/a/manifests/1.0", { bytes, digest: digestOf(bytes) });
  expect(await refused(await put(mediaTypes.dockerManifest))).toStartWith(
    `403 DENIED: the tag 1.0 needs ${digestOf(bytes)}`,
  );
  expect(await type()).toBe(mediaTypes.ociManifest);
  expect((await put(mediaTypes.ociManifest)).status).toBe(201);
});

test("what no such tag needs can be deleted", async () => {
  await push(r, "/v2/a/manifests/1.0", first);
  await push(r, "/v2/a/manifests/latest", second);
  expect((await r.send("DELETE", `/v2/a/manifests/${second.digest}`)).status).toBe(202);
  expect(tagged("latest")).toBeUndefined();
});

test("who runs the registry may delete, and not move", async () => {
  await push(r, "/v2/a/manifests/1.0", first);
  const headers = { Authorization: "Bearer control", "Content-Type": mediaTypes.ociManifest };
  const moved = await r.send("PUT", "/v2/a/manifests/1.0", { body: second.bytes, headers });
  expect(moved.status).toBe(403);
  expect((await r.send("DELETE", "/v2/a/manifests/1.0", { headers })).status).toBe(202);
  expect((await push(r, "/v2/a/manifests/1.0", second)).status).toBe(201);
});
