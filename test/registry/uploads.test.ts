import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { digestOf } from "../../src/oci/digest.ts";
import { waitUntil } from "../support/wait-until.ts";
import { codeOf, openRegistry, type RegistryFixture } from "./support/registry-client.ts";

const hello = digestOf("hello");
const sha512 = `sha512:${createHash("sha512").update("hello").digest("hex")}`;

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("hel");
  throw new DOMException("The connection was closed.", "AbortError");
}

async function standOf(r: RegistryFixture, location: string): Promise<string> {
  return (await r.send("GET", location)).headers.get("range") ?? "";
}

/** Bytes that an upload has, which never are one here: that and none look the same. */
function takenOf(range: string): number {
  return range === "0-0" ? 0 : Number(range.replace("0-", "")) + 1;
}

describe("an upload", () => {
  test("goes POST, PATCH, PATCH, GET, PUT as the specification has it", async () => {
    await using r = await openRegistry();
    const opened = await r.send("POST", "/v2/a/blobs/uploads/");
    expect(opened.status).toBe(202);
    expect(opened.headers.get("range")).toBe("0-0");
    const location = opened.headers.get("location") ?? "";
    expect(location).toMatch(/^\/v2\/a\/blobs\/uploads\/[0-9a-f]{32}$/);
    expect(opened.headers.get("docker-upload-uuid")).toBe(location.slice(-32));

    const first = await r.send("PATCH", location, {
      body: "hel",
      headers: { "Content-Range": "0-2" },
    });
    expect([first.status, first.headers.get("range")]).toEqual([202, "0-2"]);
    const second = await r.send("PATCH", location, {
      body: "l",
      headers: { "Content-Range": "3-3" },
    });
    expect([second.status, second.headers.get("range")]).toEqual([202, "0-3"]);
    const status = await r.send("GET", location);
    expect([status.status, status.headers.get("range")]).toEqual([204, "0-3"]);
    expect(status.headers.get("location")).toBe(location);

    const done = await r.send("PUT", `${location}?digest=${encodeURIComponent(hello)}`, {
      body: "o",
      headers: { "Content-Range": "4-4" },
    });
    expect(done.status).toBe(201);
    expect(done.headers.get("location")).toBe(`/v2/a/blobs/${hello}`);
    expect(done.headers.get("docker-content-digest")).toBe(hello);
    expect(await (await r.send("GET", `/v2/a/blobs/${hello}`)).text()).toBe("hello");
    expect((await r.send("GET", location)).status).toBe(404);
    expect(await readdir(r.layout.scratch)).toEqual([]);
  });

  test("may be idle while it comes, and its connection may not once it ended, well or not", async () => {
    const timeouts: number[] = [];
    await using r = await openRegistry({
      // It would take a client that is silent for minutes to see it.
      server: { timeout: (_, seconds) => void timeouts.push(seconds), requestIP: () => null },
    });
    const location = await r.upload("a");
    expect(timeouts).toEqual([]);
    expect((await r.send("PATCH", location, { body: "hel" })).status).toBe(202);
    expect(timeouts.splice(0)).toEqual([0, 255]);
    expect((await r.send("PUT", `${location}?digest=${hello}`, { body: "p" })).status).toBe(400);
    expect(timeouts).toEqual([0, 255]);
  });

  test.each([
    [
      "POST with digest",
      async (r: RegistryFixture, d: string) =>
        await r.send("POST", `/v2/a/blobs/uploads/?digest=${d}`, { body: "hello" }),
    ],
    [
      "POST with digest, streamed",
      async (r: RegistryFixture, d: string) =>
        await r.send("POST", `/v2/a/blobs/uploads/?digest=${d}`, { body: pieces("he", "llo") }),
    ],
    [
      "POST and PUT",
      async (r: RegistryFixture, d: string) =>
        await r.send("PUT", `${await r.upload("a")}?digest=${d}`, { body: "hello" }),
    ],
    [
      "POST, PATCH streamed and PUT",
      async (r: RegistryFixture, d: string) => {
        const location = await r.upload("a");
        await r.send("PATCH", location, { body: pieces("he", "", "llo") });
        return await r.send("PUT", `${location}?digest=${d}`);
      },
    ],
  ])("takes sha256 and sha512 by %s", async (_, push) => {
    for (const digest of [hello, sha512]) {
      await using r = await openRegistry();
      expect((await push(r, digest)).status).toBe(201);
      const head = await r.send("HEAD", `/v2/a/blobs/${digest}`);
      expect(head.headers.get("content-length")).toBe("5");
      expect(head.headers.get("docker-content-digest")).toBe(digest);
    }
  });

  test("takes a body that is bigger than a buffer", async () => {
    await using r = await openRegistry();
    const body = new Uint8Array(3 * 1024 * 1024).fill(7);
    const location = await r.upload("a");
    const headers = { "Content-Length": `${body.byteLength}` };
    expect((await r.send("PATCH", location, { body, headers })).status).toBe(202);
    const digest = digestOf(body);
    expect((await r.send("PUT", `${location}?digest=${digest}`)).status).toBe(201);
    expect(r.layout.blobs.find(digest)?.size).toBe(body.byteLength);
  });

  test("takes the empty blob", async () => {
    await using r = await openRegistry();
    const digest = await r.blob("a", "");
    expect((await r.send("HEAD", `/v2/a/blobs/${digest}`)).headers.get("content-length")).toBe("0");
    expect(await (await r.send("GET", `/v2/a/blobs/${digest}`)).text()).toBe("");
  });

  test.each([
    ["bytes 3-4/5", "lo"],
    ["x", "lo"],
    ["", "lo"],
    ["2-3", "lo"],
    ["4-5", "lo"],
    ["0-1", "lo"],
    ["3-2", "lo"],
    ["99999999999999999999-99999999999999999999", "lo"],
    ["-1-4", "lo"],
  ])("answers 416 to Content-Range %j and stays where it was", async (range, body) => {
    await using r = await openRegistry();
    const location = await r.upload("a");
    await r.send("PATCH", location, { body: "hel" });
    for (const [method, path] of [
      ["PATCH", location],
      ["PUT", `${location}?digest=${hello}`],
    ] as const) {
      const response = await r.send(method, path, { body, headers: { "Content-Range": range } });
      expect(response.status).toBe(416);
      expect(response.headers.get("range")).toBe("0-2");
      expect(response.headers.get("location")).toBe(location);
      expect(await codeOf(response)).toBe("BLOB_UPLOAD_INVALID");
    }
    const done = await r.send("PUT", `${location}?digest=${hello}`, { body: "lo" });
    expect(done.status).toBe(201);
  });

  test.each([
    ["as a whole, longer", "hel", "0-1"],
    ["as a whole, shorter", "hel", "0-9"],
    ["streamed, longer", pieces("he", "llo"), "0-2"],
    ["streamed, shorter", pieces("hel"), "0-9"],
  ])(
    "tells how far it came when a chunk %s is not as long as its Content-Range",
    async (_, body, range) => {
      await using r = await openRegistry();
      const location = await r.upload("a");
      const headers = {
        "Content-Range": range,
        ...(typeof body === "string" ? { "Content-Length": `${body.length}` } : {}),
      };
      const response = await r.send("PATCH", location, { body, headers });
      expect([response.status, await codeOf(response)]).toEqual([400, "SIZE_INVALID"]);
      expect(response.headers.get("location")).toBe(location);
      expect(response.headers.get("range")).toBe(await standOf(r, location));
      const rest = "hello".slice(takenOf(await standOf(r, location)));
      expect((await r.send("PUT", `${location}?digest=${hello}`, { body: rest })).status).toBe(201);
    },
  );

  test.each([
    ["another digest", `digest=${digestOf("other")}`],
    ["no digest", ""],
    ["a malformed digest", "digest=sha256:12"],
    ["an unknown algorithm", `digest=md5:${"a".repeat(32)}`],
    ["a digest that climbs", "digest=sha256:..%2f..%2fetc"],
  ])("answers 400 to a PUT with %s", async (_, query) => {
    await using r = await openRegistry();
    const response = await r.send("PUT", `${await r.upload("a")}?${query}`, { body: "hello" });
    expect([response.status, await codeOf(response)]).toEqual([400, "DIGEST_INVALID"]);
    expect(r.layout.blobs.find(hello)).toBeUndefined();
    expect(await readdir(r.layout.scratch)).toEqual([]);
  });

  test("answers 400 to two digests", async () => {
    await using r = await openRegistry();
    const path = `${await r.upload("a")}?digest=${hello}&digest=${hello}`;
    expect((await r.send("PUT", path, { body: "hello" })).status).toBe(400);
  });

  test("is unknown to other repositories, after DELETE, and when nobody opened it", async () => {
    await using r = await openRegistry();
    const location = await r.upload("a");
    await r.send("PATCH", location, { body: "hel" });
    expect((await r.send("GET", location.replace("/a/", "/b/"))).status).toBe(404);
    expect((await r.send("DELETE", location)).status).toBe(204);
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const response = await r.send(method, location);
      expect([response.status, await codeOf(response)]).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
    }
    expect((await r.send("PUT", `${location}?digest=${hello}`)).status).toBe(404);
    expect(await readdir(r.layout.scratch)).toEqual([]);
  });

  test("takes one request at a time", async () => {
    await using r = await openRegistry();
    const location = await r.upload("a");
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("hel");
      await gate;
      yield Buffer.from("lo");
    }
    const first = r.send("PATCH", location, { body: slow() });
    const second = await r.send("PATCH", location, { body: "x" });
    expect(second.status).toBe(409);
    open(undefined);
    expect((await first).headers.get("range")).toBe("0-4");
    expect((await r.send("PUT", `${location}?digest=${hello}`)).status).toBe(201);
  });

  test.each(["PATCH", "PUT"])("can be gone on with after a %s that broke", async (method) => {
    await using r = await openRegistry();
    const location = await r.upload("a");
    const query = method === "PUT" ? `?digest=${hello}` : "";
    expect((await r.send(method, `${location}${query}`, { body: broken() })).status).toBe(400);
    const taken = takenOf(await standOf(r, location));
    const headers = { "Content-Range": `${taken}-4` };
    const rest = "hello".slice(taken);
    expect((await r.send("PATCH", location, { body: rest, headers })).status).toBe(202);
    expect((await r.send("PUT", `${location}?digest=${hello}`)).status).toBe(201);
    expect(await readdir(r.layout.scratch)).toEqual([]);
  });

  test("in one request leaves nothing when it breaks", async () => {
    await using r = await openRegistry({ limits: { uploads: 1 } });
    const path = `/v2/a/blobs/uploads/?digest=${hello}`;
    for (let i = 0; i < 3; i++) {
      expect((await r.send("POST", path, { body: broken() })).status).toBe(400);
    }
    expect(await readdir(r.layout.scratch)).toEqual([]);
    expect((await r.send("POST", path, { body: "hello" })).status).toBe(201);
  });

  test("answers 408 when nothing comes, and is given up when nobody goes on", async () => {
    await using r = await openRegistry({ limits: { uploadStall: 40 } });
    const location = await r.upload("a");
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    async function* stuck(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("hel");
      await gate;
    }
    const response = await r.send("PATCH", location, { body: stuck() });
    open(undefined);
    expect(response.status).toBe(408);
    await waitUntil("the upload is gone", 5000, async () =>
      (await readdir(r.layout.scratch)).length === 0 ? true : undefined,
    );
    expect((await r.send("GET", location)).status).toBe(404);
  });

  test("is limited in number, and costs no file before its first byte", async () => {
    await using r = await openRegistry({ limits: { uploads: 3 } });
    for (let i = 0; i < 3; i++) await r.upload("a");
    const refused = await r.send("POST", "/v2/a/blobs/uploads/");
    expect([refused.status, await codeOf(refused)]).toEqual([429, "TOOMANYREQUESTS"]);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await readdir(r.layout.scratch)).toEqual([]);
  });

  test("of the same blob by 64 clients succeeds for all", async () => {
    await using r = await openRegistry();
    const digests = await Promise.all(Array.from({ length: 64 }, () => r.blob("a", "hello")));
    expect(new Set(digests)).toEqual(new Set([hello]));
  });

  test("answers 400 to an unknown digest-algorithm and 202 to a known", async () => {
    await using r = await openRegistry();
    const post = async (algorithm: string): Promise<number> =>
      (await r.send("POST", `/v2/a/blobs/uploads/?digest-algorithm=${algorithm}`)).status;
    expect([await post("md5"), await post("sha512")]).toEqual([400, 202]);
  });
});

describe("a mount", () => {
  test.each([
    ["from a repository", (d: string) => `mount=${encodeURIComponent(d)}&from=a`, 201],
    ["unencoded", (d: string) => `mount=${d}&from=a`, 201],
    ["from nowhere", (d: string) => `mount=${d}`, 201],
    ["of a bad digest", () => "mount=sha256:12&from=a", 202],
    ["of a missing blob", () => `mount=${digestOf("missing")}&from=a`, 202],
    ["from an invalid name", (d: string) => `mount=${d}&from=..%2fa`, 202],
  ])("%s", async (_, query, status) => {
    await using r = await openRegistry();
    const digest = await r.blob("a", "hello");
    const response = await r.send("POST", `/v2/b/blobs/uploads/?${query(digest)}`);
    expect(response.status).toBe(status);
    if (status === 201) expect(response.headers.get("location")).toBe(`/v2/b/blobs/${digest}`);
  });

  test("without a source is of what the sender may read", async () => {
    await using r = await openRegistry({
      membership: "repository",
      authenticate: (request) => {
        const user = request.headers.get("authorization") ?? "";
        const may = (_: string, name: string): boolean => name.startsWith(user);
        return { user, admin: false, challenge: undefined, may };
      },
    });
    const send = async (user: string, path: string, body?: string): Promise<number> =>
      (
        await r.send("POST", path, {
          headers: { Authorization: user },
          ...(body === undefined ? {} : { body }),
        })
      ).status;
    expect(await send("a", `/v2/a/one/blobs/uploads/?digest=${hello}`, "hello")).toBe(201);
    for (const query of [`mount=${hello}`, `mount=${hello}&from=a/one`]) {
      expect(await send("b", `/v2/b/blobs/uploads/?${query}`)).toBe(202);
      expect(await send("a", `/v2/a/two/blobs/uploads/?${query}`)).toBe(201);
    }
  });

  test("is what makes a blob visible where repositories are kept apart", async () => {
    await using r = await openRegistry({ membership: "repository" });
    const digest = await r.blob("a", "hello");
    expect((await r.send("HEAD", `/v2/b/blobs/${digest}`)).status).toBe(404);
    expect((await r.send("POST", `/v2/b/blobs/uploads/?mount=${digest}&from=c`)).status).toBe(202);
    expect((await r.send("POST", `/v2/b/blobs/uploads/?mount=${digest}&from=a`)).status).toBe(201);
    expect((await r.send("HEAD", `/v2/b/blobs/${digest}`)).status).toBe(200);
    expect((await r.send("DELETE", `/v2/b/blobs/${digest}`)).status).toBe(202);
    expect((await r.send("HEAD", `/v2/b/blobs/${digest}`)).status).toBe(404);
    expect((await r.send("HEAD", `/v2/a/blobs/${digest}`)).status).toBe(200);
  });
});
