import { describe, expect, test } from "bun:test";
import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { image, push } from "../support/push-image.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { codeOf, openRegistry } from "../support/registry-client.ts";

const hello = digestOf("hello");

describe("If-None-Match", () => {
  test.each([
    [`"${hello}"`, 304],
    [`W/"${hello}"`, 304],
    [`"x" , "${hello}"`, 304],
    ["*", 304],
    [`"${digestOf("other")}"`, 200],
    [hello, 200],
    ["", 200],
  ])("%s of a blob answers %d", async (header, status) => {
    await using r = await openRegistry();
    await r.blob("a", "hello");
    for (const method of ["GET", "HEAD"]) {
      const headers = { "If-None-Match": header };
      const response = await r.send(method, `/v2/a/blobs/${hello}`, { headers });
      expect(response.status).toBe(status);
      expect(response.headers.get("etag")).toBe(`"${hello}"`);
      if (status === 304) expect(await response.text()).toBe("");
    }
  });

  test("of a manifest spares the client its bytes, by tag and by digest", async () => {
    await using r = await openRegistry();
    const pushed = await image(r);
    await push(r, "/v2/a/manifests/1", pushed);
    const headers = { "If-None-Match": `"${pushed.digest}"` };
    for (const reference of ["1", pushed.digest]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await r.send(method, `/v2/a/manifests/${reference}`, { headers });
        expect([response.status, await response.text()]).toEqual([304, ""]);
        expect(response.headers.get("docker-content-digest")).toBe(pushed.digest);
      }
    }
    expect((await r.send("GET", "/v2/a/manifests/2", { headers })).status).toBe(404);
  });
});

describe("Last-Modified", () => {
  test("of a manifest tells when it was pushed, and spares a client that has it its bytes", async () => {
    await using r = await openRegistry();
    const pushed = await image(r);
    const before = Date.now();
    await push(r, "/v2/a/manifests/1", pushed);
    const after = Date.now();
    const ask = async (headers: Record<string, string> = {}): Promise<Response> =>
      await r.send("HEAD", "/v2/a/manifests/1", { headers });
    const told = await waitUntil("the second is over", 10_000, async () => {
      const time = Date.parse((await ask()).headers.get("last-modified") ?? "");
      return time >= before ? time : undefined;
    });
    expect(told).toBeLessThan(after + 1000);
    const date = (time: number): string => new Date(time).toUTCString();

    const known = await ask({ "If-Modified-Since": date(told) });
    expect([known.status, await known.text()]).toEqual([304, ""]);
    expect((await ask({ "If-Modified-Since": date(told - 1000) })).status).toBe(200);
    expect((await ask({ "If-Modified-Since": date(Date.now() + 60_000) })).status).toBe(200);
    expect((await ask({ "If-Modified-Since": "yesterday" })).status).toBe(200);
    const both = { "If-Modified-Since": date(told), "If-None-Match": `"${digestOf("x")}"` };
    expect((await ask(both)).status).toBe(200);

    // Another image under the tag, within the second for all a client can know.
    const other = await image(r, { annotations: { other: "yes" } });
    await push(r, "/v2/a/manifests/1", other);
    expect((await ask({ "If-Modified-Since": date(told) })).status).toBe(200);
  });
});

describe("If-Range", () => {
  test.each([
    [`"${hello}"`, 206, "el"],
    [`W/"${hello}"`, 200, "hello"],
    [`"other"`, 200, "hello"],
    ["Sat, 21 Nov 2026 12:00:00 GMT", 200, "hello"],
  ])("%s answers a range with %d", async (header, status, body) => {
    await using r = await openRegistry();
    await r.blob("a", "hello");
    const headers = { Range: "bytes=1-2", "If-Range": header };
    const response = await r.send("GET", `/v2/a/blobs/${hello}`, { headers });
    expect([response.status, await response.text()]).toEqual([status, body]);
  });
});

describe("a conditional push", () => {
  test("changes a tag only from what its sender saw", async () => {
    await using r = await openRegistry();
    const [one, two] = [await image(r), await image(r, { annotations: { a: "b" } })];
    const put = async (bytes: Uint8Array<ArrayBuffer>, name: string, value: string) => {
      const headers = { "Content-Type": mediaTypes.ociManifest, [name]: value };
      const response = await r.send("PUT", "/v2/a/manifests/1", { body: bytes, headers });
      return response.status === 201 ? "201" : `${response.status} ${await codeOf(response)}`;
    };
    expect(await put(one.bytes, "If-Match", "*")).toBe("412 DENIED");
    expect(await put(one.bytes, "If-None-Match", "*")).toBe("201");
    expect(await put(two.bytes, "If-None-Match", "*")).toBe("412 DENIED");
    expect(await put(two.bytes, "If-Match", `"${two.digest}"`)).toBe("412 DENIED");
    expect(await put(two.bytes, "If-Match", `"${one.digest}"`)).toBe("201");
    const now = await r.send("HEAD", "/v2/a/manifests/1");
    expect(now.headers.get("docker-content-digest")).toBe(two.digest);
  });

  test("by one of many at a time succeeds for one", async () => {
    await using r = await openRegistry();
    const pushes = Array.from({ length: 16 }, async (_, i) => {
      const { bytes } = await image(r, { annotations: { i: `${i}` } });
      const headers = { "Content-Type": mediaTypes.ociManifest, "If-None-Match": "*" };
      return (await r.send("PUT", "/v2/a/manifests/1", { body: bytes, headers })).status;
    });
    const statuses = await Promise.all(pushes);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(15);
  });
});
