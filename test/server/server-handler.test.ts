import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LoggedRequest } from "../../src/server/access-log/log-line.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { json } from "../oci/support/sample-image.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { asUser } from "./support/access.ts";
import { openTestServer, type TestServer } from "./support/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ readable: "open/" });
});
afterAll(() => server[Symbol.asyncDispose]());

type SendInit = {
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer> | AsyncGenerator<Uint8Array>;
};

/** The answer, read to its end, and what was logged about it. */
async function send(
  method: string,
  path: string,
  init: SendInit = {},
): Promise<LoggedRequest & { readonly body: string; readonly type: string | null }> {
  const before = server.logged.length;
  const response = await fetch(`http://${server.address}${path}`, {
    method,
    redirect: "manual",
    ...init,
  });
  const body = await response.text();
  const line = server.logged[before];
  if (line === undefined) throw new Error("Nothing was logged");
  expect(line.status).toBe(response.status);
  return { ...line, body, type: response.headers.get("content-type") };
}

const layer = "x".repeat(3 * 1024 * 1024);
const layerDigest = digestOf(layer);

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 3; i++) yield Buffer.from(layer.slice(0, 1024 * 1024));
}

describe("watchRequests()", () => {
  test("notes user, repository and bytes of a push, with a length and in chunks", async () => {
    const query = `?digest=${layerDigest}`;
    const pushed = await send("POST", `/v2/open/app/blobs/uploads/${query}`, {
      body: layer,
      headers: asUser,
    });
    expect(pushed).toMatchObject({
      status: 201,
      user: "user",
      address: "127.0.0.1",
      received: layer.length,
      route: { kind: "uploads", repository: "open/app" },
    });
    const chunked = await send("POST", `/v2/open/other/blobs/uploads/${query}`, {
      body: pieces(),
      headers: asUser,
    });
    expect(chunked).toMatchObject({ status: 201, received: layer.length });
  });

  test("notes bytes of a pull, of a part of it, and none of a HEAD", async () => {
    const path = `/v2/open/app/blobs/${layerDigest}`;
    expect(await send("GET", path)).toMatchObject({ status: 200, sent: layer.length });
    const part = await send("GET", path, { headers: { Range: "bytes=5-14" } });
    expect(part).toMatchObject({ status: 206, sent: 10, body: "x".repeat(10) });
    expect(await send("HEAD", path)).toMatchObject({ status: 200, sent: 0, user: undefined });
    const manifest = json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] });
    const type = { "Content-Type": mediaTypes.ociIndex };
    const put = await send("PUT", "/v2/open/app/manifests/1", {
      body: manifest,
      headers: { ...asUser, ...type },
    });
    expect(put).toMatchObject({ status: 201, received: manifest.byteLength });
    const got = await send("GET", "/v2/open/app/manifests/1");
    expect(got).toMatchObject({
      sent: manifest.byteLength,
      route: { kind: "manifest", repository: "open/app", reference: { tag: "1" } },
    });
  });

  test("notes what went wrong", async () => {
    expect(await send("HEAD", "/v2/open/app/manifests/no")).toMatchObject({
      errorCode: "MANIFEST_UNKNOWN",
    });
    expect(await send("GET", "/v2/open/app/oops")).toMatchObject({ route: undefined });
    const guess = { Authorization: `Basic ${btoa("user:guess")}` };
    expect(await send("GET", "/v2/", { headers: guess })).toMatchObject({
      status: 401,
      errorCode: "UNAUTHORIZED",
      user: undefined,
    });
  });
});

describe("createServerHandler()", () => {
  test("answers health to everybody and metrics to users", async () => {
    expect(await send("GET", "/healthz")).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(await send("GET", "/metrics")).toMatchObject({ status: 401 });
    await send("POST", "/v2/open/app/blobs/uploads/", { headers: asUser });
    const metrics = await send("GET", "/metrics", { headers: asUser });
    expect(metrics.body).toContain("hive_registry_uploads_open 1\n");
    expect(metrics).toMatchObject({ status: 200, user: "user" });
    expect(metrics.body).toContain(
      'hive_registry_requests_total{endpoint="healthz",method="GET",status="2xx"} 1\n',
    );
    expect(metrics.body).toContain("hive_registry_authentication_failures_total 1\n");
  });

  test.each(["/metrics", "/healthz", "/"])("POST %s answers 405", async (path) => {
    expect(await send("POST", path, { headers: asUser })).toMatchObject({ status: 405 });
  });

  test("answers what is nobody's as JSON to programs, as a page to browsers", async () => {
    expect(await send("GET", "/v1/_ping")).toMatchObject({ status: 404, type: "application/json" });
    const page = await send("GET", "/nothing", { headers: { Accept: "text/html,*/*" } });
    expect(page).toMatchObject({ status: 404, type: "text/html; charset=utf-8" });
  });

  test("tells nobody of a fault of its own, but tells us", async () => {
    server.failNext(new Error("secret cause"));
    const answer = await send("GET", "/metrics", { headers: asUser });
    expect(answer).toMatchObject({ status: 500 });
    expect(answer.body).not.toContain("secret");
    expect(server.errors.splice(0).map(({ message }) => message)).toEqual(["secret cause"]);
  });
});
