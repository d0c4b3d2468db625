import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { digestOf } from "../../src/oci/digest.ts";
import { waitUntil } from "../support/wait-until.ts";
import { http } from "./nasty/http.ts";
import { manifests } from "./nasty/manifests.ts";
import { manifestWith, type NastyCase, type NastyServer, nastyServer } from "./nasty/nasty-case.ts";
import { names } from "./nasty/names.ts";
import { pulls } from "./nasty/pulls.ts";
import { uploadCases } from "./nasty/uploads.ts";
import type { Answer } from "./support/raw-http.ts";
import { type RegistryProcess, startRegistryProcess } from "./support/registry-process.ts";
import { damagedBlobs, filesBeside, residentBytes } from "./support/registry-state.ts";

const codes = new Set([
  "BLOB_UNKNOWN",
  "BLOB_UPLOAD_INVALID",
  "BLOB_UPLOAD_UNKNOWN",
  "DIGEST_INVALID",
  "MANIFEST_BLOB_UNKNOWN",
  "MANIFEST_INVALID",
  "MANIFEST_UNKNOWN",
  "NAME_INVALID",
  "NAME_UNKNOWN",
  "SIZE_INVALID",
  "UNAUTHORIZED",
  "DENIED",
  "UNSUPPORTED",
  "TOOMANYREQUESTS",
]);

let registry: RegistryProcess;
let server: NastyServer;
let atStart = 0;

const all = Object.entries({ names, manifests, uploads: uploadCases, pulls, http });

beforeAll(async () => {
  registry = await startRegistryProcess("unsynced");
  server = nastyServer(registry);
  // Much that is usual, so that growth is not that of a process which has not yet worked.
  const blobs = Array.from({ length: 100 }, async (_, i) => await server.blob(`${i}`.padEnd(1e6)));
  const text = "x".repeat(3_000_000);
  const images = Array.from(
    { length: 10 },
    async (_, i) => await server.manifest(`warm${i}`, manifestWith({ annotations: { text } })),
  );
  await Promise.all([...blobs, ...images]);
  atStart = await residentBytes(registry.pid);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

describe.each(all)("of %s", (_, cases) => {
  test.each(cases.map((one): [string, NastyCase] => [one.name, one]))("%s", async (_name, one) => {
    const answer = await one.send(server);
    expect([one.answer].flat()).toContain(rendered(answer));
    // Nothing that a client sends is where another is sent to.
    expect(answer.headers.get("location") ?? "/v2/").toStartWith("/v2/");
    expect([...answer.headers.keys()]).not.toContain("access-control-allow-origin");
    expect([...answer.headers.keys()]).not.toContain("content-encoding");
    expect([...answer.headers.keys()]).not.toContain("set-cookie");
  });
});

describe("after all of it", () => {
  test("the registry works", async () => {
    const blob = await server.blob("still");
    const got = await server.request("GET", `/v2/n/blobs/${blob}`);
    expect([got.status, got.body.toString()]).toEqual([200, "still"]);
    const body = manifestWith({ annotations: { still: "there" } });
    expect((await server.manifest("still", body)).status).toBe(201);
    const pulled = await server.request("GET", "/v2/n/manifests/still");
    expect(digestOf(pulled.body)).toBe(digestOf(body));
  });

  test("it reported no fault of its own", () => {
    expect(registry.errors()).toBe("");
  });

  test("no file is outside of its store", async () => {
    expect(await filesBeside(registry.directory)).toEqual(["store"]);
  });

  test("what it stores is what it says", async () => {
    expect(await damagedBlobs(registry.storage)).toEqual([]);
  });

  test("it did not grow", async () => {
    const grown = async (): Promise<number> => (await residentBytes(registry.pid)) - atStart;
    // Garbage is collected some time after it came to be, and only while there is something to do.
    await waitUntil("it gave back what it does not need", 25_000, async () => {
      await server.request("GET", "/v2/");
      return (await grown()) < 64 * 1024 * 1024 ? true : undefined;
    });
  }, 30_000);
});

/** Status and codes; the body of an error is as the specification has it. */
function rendered({ status, headers, body }: Answer): string {
  if (status < 400 || body.byteLength === 0) return `${status}`;
  if (headers.get("content-type") !== "application/json") return `${status} ${body.toString()}`;
  const { errors } = JSON.parse(body.toString()) as {
    errors: readonly { code: string; message: string }[];
  };
  for (const { code, message } of errors) {
    if (!codes.has(code) || typeof message !== "string")
      throw new Error(`No error: ${body.toString()}`);
  }
  return `${status} ${[...new Set(errors.map(({ code }) => code))].join(",")}`;
}
