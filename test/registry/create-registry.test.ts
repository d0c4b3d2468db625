import { describe, expect, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { json } from "../oci/support/sample-image.ts";
import { image, push } from "./support/push-image.ts";
import { codeOf, openRegistry, type RegistryFixture } from "./support/registry-client.ts";

const manifestHeaders = { "Content-Type": mediaTypes.ociManifest };

describe("manifests", () => {
  test("PUT by tag, then HEAD and GET by tag and digest give the same bytes", async () => {
    await using r = await openRegistry();
    const pushed = await image(r);
    const put = await push(r, "/v2/a/manifests/1.0", pushed);
    expect(put.status).toBe(201);
    expect(put.headers.get("location")).toBe(`/v2/a/manifests/${pushed.digest}`);
    for (const reference of ["1.0", pushed.digest]) {
      const head = await r.send("HEAD", `/v2/a/manifests/${reference}`);
      expect(head.headers.get("content-length")).toBe(`${pushed.bytes.byteLength}`);
      expect(await head.text()).toBe("");
      const get = await r.send("GET", `/v2/a/manifests/${reference}`);
      expect(new Uint8Array(await get.arrayBuffer())).toEqual(pushed.bytes);
      for (const { headers } of [head, get]) {
        expect(headers.get("content-type")).toBe(mediaTypes.ociManifest);
        expect(headers.get("docker-content-digest")).toBe(pushed.digest);
      }
    }
  });

  test("DELETE of a tag leaves the manifest, of the manifest takes its tags", async () => {
    await using r = await openRegistry();
    const pushed = await image(r);
    for (const tag of ["1", "2", "3"]) await push(r, `/v2/a/manifests/${tag}`, pushed);
    expect((await r.send("DELETE", "/v2/a/manifests/1")).status).toBe(202);
    expect((await r.send("DELETE", "/v2/a/manifests/1")).status).toBe(404);
    expect((await r.send("HEAD", `/v2/a/manifests/${pushed.digest}`)).status).toBe(200);
    expect((await r.send("DELETE", `/v2/a/manifests/${pushed.digest}`)).status).toBe(202);
    expect((await r.send("HEAD", "/v2/a/manifests/2")).status).toBe(404);
    expect((await r.send("HEAD", `/v2/a/manifests/${pushed.digest}`)).status).toBe(404);
  });

  test("PUT takes Docker's types, a parameter in the type, sha512, and an index without its children", async () => {
    await using r = await openRegistry();
    const docker = await image(r, { mediaType: mediaTypes.dockerManifest });
    const put = async (
      path: string,
      type: string,
      body: Uint8Array<ArrayBuffer>,
    ): Promise<number> =>
      (await r.send("PUT", path, { body, headers: { "Content-Type": type } })).status;
    const type = `${mediaTypes.dockerManifest}; charset=utf-8`;
    expect(await put("/v2/a/manifests/docker", type, docker.bytes)).toBe(201);
    const sha512 = `sha512:${new Bun.CryptoHasher("sha512").update(docker.bytes).digest("hex")}`;
    expect(await put(`/v2/a/manifests/${sha512}`, mediaTypes.dockerManifest, docker.bytes)).toBe(
      201,
    );
    const index = json({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [{ mediaType: "application/x", digest: digestOf("absent"), size: 6 }],
    });
    expect(await put("/v2/a/manifests/index", mediaTypes.ociIndex, index)).toBe(201);
    const stored = await r.send("HEAD", `/v2/a/manifests/${sha512}`);
    expect(stored.headers.get("docker-content-digest")).toBe(sha512);
  });

  test.each([
    ["no JSON", "{", mediaTypes.ociManifest, 400, "MANIFEST_INVALID"],
    ["nothing", "", mediaTypes.ociManifest, 400, "MANIFEST_INVALID"],
    [
      "another type than it says",
      '{"schemaVersion":2,"mediaType":"x/y"}',
      mediaTypes.ociManifest,
      400,
      "MANIFEST_INVALID",
    ],
    ["a type that is none", "{}", "text/plain", 400, "MANIFEST_INVALID"],
    [
      "schema 1",
      '{"schemaVersion":1}',
      "application/vnd.docker.distribution.manifest.v1+json",
      400,
      "MANIFEST_INVALID",
    ],
    ["deep nesting", `{"a":${"[".repeat(50_000)}`, mediaTypes.ociManifest, 400, "MANIFEST_INVALID"],
    [
      "more than the limit",
      " ".repeat(4 * 1024 * 1024 + 1),
      mediaTypes.ociManifest,
      413,
      "MANIFEST_INVALID",
    ],
    [
      "a missing layer",
      JSON.stringify({
        schemaVersion: 2,
        config: { mediaType: "a/b", digest: digestOf("absent"), size: 6 },
        layers: [],
      }),
      mediaTypes.ociManifest,
      400,
      "MANIFEST_BLOB_UNKNOWN",
    ],
  ])("PUT refuses %s", async (_, body, type, status, code) => {
    await using r = await openRegistry();
    const response = await r.send("PUT", "/v2/a/manifests/1", {
      body,
      headers: { "Content-Type": type },
    });
    expect([response.status, await codeOf(response)]).toEqual([status, code]);
    expect((await r.send("HEAD", "/v2/a/manifests/1")).status).toBe(404);
  });

  test("PUT reads no more than the limit of a body without a length", async () => {
    await using r = await openRegistry({ limits: { manifestSize: 100_000 } });
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; sent < 1000; sent++) yield new Uint8Array(10_000).fill(32);
    }
    const response = await r.send("PUT", "/v2/a/manifests/1", {
      body: endless(),
      headers: manifestHeaders,
    });
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(50);
  });

  test("PUT takes a manifest of exactly the limit", async () => {
    await using r = await openRegistry();
    const limit = 4 * 1024 * 1024;
    const { bytes } = await image(r);
    const padded = new Uint8Array(limit).fill(32);
    padded.set(bytes);
    const response = await push(r, "/v2/a/manifests/1", { bytes: padded, digest: "" });
    expect(response.status).toBe(201);
  });

  test("PUT by another digest is refused", async () => {
    await using r = await openRegistry();
    const response = await push(r, `/v2/a/manifests/${digestOf("other")}`, await image(r));
    expect([response.status, await codeOf(response)]).toEqual([400, "DIGEST_INVALID"]);
  });

  test("PUT by digest sets the tags of its query, all or none", async () => {
    await using r = await openRegistry();
    const pushed = await image(r);
    const path = `/v2/a/manifests/${pushed.digest}`;
    expect((await push(r, `${path}?tag=good&tag=..`, pushed)).status).toBe(400);
    expect((await r.send("HEAD", "/v2/a/manifests/good")).status).toBe(404);
    const put = await push(r, `${path}?tag=1&tag=1.0`, pushed);
    expect([put.status, put.headers.get("oci-tag")]).toEqual([201, "1, 1.0"]);
    expect((await r.send("HEAD", "/v2/a/manifests/1.0")).status).toBe(200);
  });

  test("PUT takes layers that need not be there", async () => {
    await using r = await openRegistry();
    const foreign = {
      mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
      digest: digestOf("elsewhere"),
      size: 9,
      urls: ["file:///etc/passwd"],
    };
    const pushed = await image(r, { layers: [foreign] });
    expect((await push(r, "/v2/a/manifests/1", pushed)).status).toBe(201);
  });

  test("GET answers 404 when the content is gone, and reports damage", async () => {
    await using r = await openRegistry();
    const pushed = await image(r);
    await push(r, "/v2/a/manifests/1", pushed);
    const path = r.layout.blobs.find(digestOf(pushed.bytes))?.path ?? "";
    await writeFile(path, "damaged");
    expect((await r.send("GET", "/v2/a/manifests/1")).status).toBe(500);
    expect(r.errors.map(({ name }) => name)).toEqual(["ContentMismatch"]);
    await rm(path);
    expect((await r.send("HEAD", "/v2/a/manifests/1")).status).toBe(404);
    expect((await r.send("GET", "/v2/a/manifests/1")).status).toBe(404);
  });
});

describe("blobs", () => {
  test.each([
    ["bytes=0-0", 206, "h", "bytes 0-0/5"],
    ["bytes=1-2", 206, "el", "bytes 1-2/5"],
    ["bytes=-2", 206, "lo", "bytes 3-4/5"],
    ["bytes=2-", 206, "llo", "bytes 2-4/5"],
    ["bytes=0-1,3-4", 200, "hello", null],
    ["garbage", 200, "hello", null],
  ])("GET with Range %s", async (range, status, text, contentRange) => {
    await using r = await openRegistry();
    const digest = await r.blob("a", "hello");
    const response = await r.send("GET", `/v2/a/blobs/${digest}`, { headers: { Range: range } });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(text);
    expect(response.headers.get("content-range")).toBe(contentRange);
  });

  test("GET outside the blob answers 416 with its size", async () => {
    await using r = await openRegistry();
    const digest = await r.blob("a", "hello");
    const response = await r.send("GET", `/v2/a/blobs/${digest}`, {
      headers: { Range: "bytes=5-" },
    });
    expect([response.status, response.headers.get("content-range")]).toEqual([416, "bytes */5"]);
  });

  test("GET and HEAD of a missing blob answer 404, HEAD without a body", async () => {
    await using r = await openRegistry();
    const path = `/v2/a/blobs/${digestOf("missing")}`;
    expect(await codeOf(await r.send("GET", path))).toBe("BLOB_UNKNOWN");
    const head = await r.send("HEAD", path);
    expect([head.status, await head.text()]).toEqual([404, ""]);
  });

  test("DELETE of a blob that all repositories share is not possible", async () => {
    await using r = await openRegistry();
    const digest = await r.blob("a", "hello");
    expect((await r.send("DELETE", `/v2/b/blobs/${digest}`)).status).toBe(405);
    expect((await r.send("DELETE", `/v2/b/blobs/${digestOf("x")}`)).status).toBe(404);
  });
});

async function tagged(): Promise<RegistryFixture> {
  const r = await openRegistry();
  const pushed = await image(r);
  for (const tag of ["v2", "v10", "b1", "A1", "a2"])
    await push(r, `/v2/a/manifests/${tag}`, pushed);
  return r;
}

describe("lists", () => {
  test.each([
    ["", ["A1", "a2", "b1", "v10", "v2"], null],
    ["?n=", ["A1", "a2", "b1", "v10", "v2"], null],
    ["?n=0", [], null],
    ["?n=2", ["A1", "a2"], '</v2/a/tags/list?n=2&last=a2>; rel="next"'],
    ["?n=2&last=a2", ["b1", "v10"], '</v2/a/tags/list?n=2&last=v10>; rel="next"'],
    ["?n=2&last=v10", ["v2"], null],
    ["?n=5", ["A1", "a2", "b1", "v10", "v2"], null],
    ["?last=nope", ["v10", "v2"], null],
    ["?last=zzz", [], null],
    ["?n=99999999999999999999", ["A1", "a2", "b1", "v10", "v2"], null],
  ])("tags%s", async (query, tags, link) => {
    await using r = await tagged();
    const response = await r.send("GET", `/v2/a/tags/list${query}`);
    expect(await response.json()).toEqual({ name: "a", tags });
    expect(response.headers.get("link")).toBe(link);
  });

  test.each(["-1", "abc", "1.5", "0x10", "%201", "1&n=2"])("n=%s is refused", async (n) => {
    await using r = await tagged();
    for (const path of ["a/tags/list", "_catalog"]) {
      expect((await r.send("GET", `/v2/${path}?n=${n}`)).status).toBe(400);
    }
  });

  test("tags of an unknown repository are 404, of one without tags none", async () => {
    await using r = await openRegistry();
    const tags = async (): Promise<Response> => await r.send("GET", "/v2/a/tags/list");
    expect(await codeOf(await tags())).toBe("NAME_UNKNOWN");
    const pushed = await image(r);
    expect(await (await tags()).json()).toEqual({ name: "a", tags: [] });
    await push(r, "/v2/a/manifests/1", pushed);
    expect(await (await tags()).json()).toEqual({ name: "a", tags: ["1"] });
    await r.send("DELETE", `/v2/a/manifests/${pushed.digest}`);
    expect(await (await tags()).json()).toEqual({ name: "a", tags: [] });
  });

  test("HEAD says what GET would", async () => {
    await using r = await tagged();
    for (const path of ["", "_catalog", "a/tags/list", `a/referrers/${digestOf("x")}`]) {
      const get = await r.send("GET", `/v2/${path}`);
      const head = await r.send("HEAD", `/v2/${path}`);
      expect(head.status).toBe(200);
      expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
      expect(await head.text()).toBe("");
      expect(head.headers.get("content-length")).toBe(`${(await get.bytes()).byteLength}`);
    }
  });

  test("the catalog pages through all repositories", async () => {
    await using r = await openRegistry();
    const pushed = await image(r);
    const names = ["b", "a/c", "a", "a-b", "z"];
    for (const name of names) await push(r, `/v2/${name}/manifests/1`, pushed);
    const found: string[] = [];
    let path: string | undefined = "/v2/_catalog?n=2";
    while (path !== undefined) {
      const response = await r.send("GET", path);
      const body = (await response.json()) as { repositories: string[] };
      found.push(...body.repositories);
      path = /<(.+)>/.exec(response.headers.get("link") ?? "")?.[1];
    }
    expect(found).toEqual(names.toSorted());
  });

  test("a page has no more than the limit", async () => {
    await using r = await openRegistry({ limits: { pageSize: 2 } });
    const pushed = await image(r);
    for (const tag of ["1", "2", "3"]) await push(r, `/v2/a/manifests/${tag}`, pushed);
    const response = await r.send("GET", "/v2/a/tags/list?n=1000000000000");
    expect(await response.json()).toEqual({ name: "a", tags: ["1", "2"] });
    expect(response.headers.get("link")).toContain("n=2&last=2");
  });
});

describe("referrers", () => {
  test("lists what has the subject, filters, forgets what is deleted, and is never 404", async () => {
    await using r = await openRegistry();
    const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf("s"), size: 1 };
    const signature = await image(r, {
      subject,
      artifactType: "application/a+json",
      annotations: { k: "v" },
    });
    const plain = await image(r, { subject });
    const put = await push(r, `/v2/a/manifests/${signature.digest}`, signature);
    expect(put.headers.get("oci-subject")).toBe(subject.digest);
    await push(r, `/v2/a/manifests/${plain.digest}`, plain);

    const list = async (repository: string, query = ""): Promise<Response> =>
      await r.send("GET", `/v2/${repository}/referrers/${subject.digest}${query}`);
    const all = await list("a");
    expect(all.headers.get("content-type")).toBe(mediaTypes.ociIndex);
    expect(await all.json()).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [
        {
          mediaType: mediaTypes.ociManifest,
          digest: signature.digest,
          size: signature.bytes.byteLength,
          artifactType: "application/a+json",
          annotations: { k: "v" },
        },
        {
          mediaType: mediaTypes.ociManifest,
          digest: plain.digest,
          size: plain.bytes.byteLength,
          artifactType: mediaTypes.ociConfig,
        },
      ],
    });
    for (const type of ["application/a+json", "application%2Fa%2Bjson"]) {
      const filtered = await list("a", `?artifactType=${type}`);
      expect(filtered.headers.get("oci-filters-applied")).toBe("artifactType");
      expect(((await filtered.json()) as { manifests: unknown[] }).manifests).toHaveLength(1);
    }
    await r.send("DELETE", `/v2/a/manifests/${signature.digest}`);
    expect(((await (await list("a")).json()) as { manifests: unknown[] }).manifests).toHaveLength(
      1,
    );
    expect(await (await list("unknown")).json()).toMatchObject({ manifests: [] });
  });
});

describe("every path", () => {
  test("GET /v2/ says what it is", async () => {
    await using r = await openRegistry();
    const response = await r.send("GET", "/v2/");
    expect(response.headers.get("docker-distribution-api-version")).toBe("registry/2.0");
    expect(await response.json()).toEqual({});
  });

  test.each([
    ["DELETE", "/v2/"],
    ["PUT", "/v2/a/tags/list"],
    ["POST", "/v2/_catalog"],
    ["GET", "/v2/a/blobs/uploads/"],
    ["OPTIONS", `/v2/a/blobs/${digestOf("")}`],
    ["PATCH", "/v2/a/manifests/1"],
    ["POST", `/v2/a/referrers/${digestOf("")}`],
  ])("%s %s answers 405 and what is allowed", async (method, path) => {
    await using r = await openRegistry();
    const response = await r.send(method, path);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).not.toBeEmpty();
    expect(await codeOf(response)).toBe("UNSUPPORTED");
  });

  test("nothing here was the registry's own fault", async () => {
    await using r = await openRegistry();
    for (const path of [
      "/",
      "/v2/%zz/tags/list",
      "/v2/a/manifests/%00",
      "//evil.test/v2/",
      "/v2/a?b=%",
    ]) {
      const response = await r.send("GET", path);
      expect(response.status).toBeWithin(400, 405);
      expect(response.headers.get("location")).toBeNull();
    }
    expect(r.errors).toEqual([]);
  });
});
