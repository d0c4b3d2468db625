import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { HiveError } from "../../../src/base/hive-error.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { connect, failure } from "../support/connect.ts";
import { faultyLine } from "../support/faulty-line.ts";
import { sampleBlob } from "../support/sample-blob.ts";
import { scriptedServer } from "../support/scripted-server.ts";
import { servedRegistry } from "../support/served-registry.ts";
import { uploadRegistry } from "../support/upload-registry.ts";

const { bytes, descriptor } = sampleBlob(1_500_000);
const small = sampleBlob(10_000);
const { size } = descriptor;

const open = (offset: number): Blob => new Blob([bytes.subarray(offset)]);

describe("a blob", () => {
  test("is written, found, read, and mounted", async () => {
    await using registry = await servedRegistry();
    const remote = connect(registry.address);
    expect(await remote.hasBlob("app", descriptor)).toBe(false);
    await remote.writeBlob("app", descriptor, open);
    expect(await remote.hasBlob("app", descriptor)).toBe(true);
    expect(await remote.mountBlob("other", descriptor, "app")).toBe(true);
    expect(await remote.hasBlob("other", descriptor)).toBe(true);
  });

  test("goes from one registry to another", async () => {
    await using source = await servedRegistry();
    await using destination = await servedRegistry();
    const from = connect(source.address);
    const to = connect(destination.address);
    await from.writeBlob("app", descriptor, open);
    await to.writeBlob("app", descriptor, (offset) => from.readBlob("app", descriptor, { offset }));
    expect(await to.hasBlob("app", descriptor)).toBe(true);
  });

  test("that the source does not have as it says is not there then", async () => {
    await using source = scriptedServer(
      () => new Response(bytes.toReversed(), { headers: { "Content-Length": String(size) } }),
    );
    await using destination = await servedRegistry();
    const to = connect(destination.address);
    const error = await failure(
      to.writeBlob("app", descriptor, () => connect(source.address).readBlob("app", descriptor)),
    );
    expect(error.message).toBe(
      `${source.address} sent other bytes than those of ${descriptor.digest}`,
    );
    expect(await to.hasBlob("app", descriptor)).toBe(false);
    expect(destination.requests.some((request) => request.startsWith("DELETE"))).toBe(true);
  });

  test.each(["sha256", "sha512"] as const)("of no or some bytes by %s", async (algorithm) => {
    await using registry = await servedRegistry();
    const remote = connect(registry.address);
    for (const count of [0, 1, 300_000]) {
      const blob = sampleBlob(count, algorithm);
      await remote.writeBlob("app", blob.descriptor, () => new Blob([blob.bytes]));
      expect(await remote.hasBlob("app", blob.descriptor)).toBe(true);
    }
  });

  test("of other bytes than its digest is refused", async () => {
    await using registry = await servedRegistry();
    const other = { ...descriptor, digest: digestOf("other") };
    const error = await failure(connect(registry.address).writeBlob("app", other, open));
    expect([error.kind, error.message]).toEqual([
      "failed",
      expect.stringContaining(`Cannot upload the blob ${other.digest} on ${registry.address}`),
    ]);
  });
});

describe("an upload", () => {
  test("of which the registry says that it stored something else fails", async () => {
    const answering = (stored: string) =>
      uploadRegistry({
        answer: ({ method }) =>
          method === "PUT"
            ? new Response(null, { status: 201, headers: { "Docker-Content-Digest": stored } })
            : undefined,
      });
    const other = digestOf("other");
    await using wrong = answering(other);
    const error = await failure(connect(wrong.address).writeBlob("app", descriptor, open));
    expect(error.message).toBe(
      `${wrong.address} stored ${other} in place of the blob ${descriptor.digest}`,
    );
    for (const stored of [descriptor.digest, digestOf("other", "sha512"), "none"]) {
      await using right = answering(stored);
      await connect(right.address).writeBlob("app", descriptor, open);
    }
  });

  test.each([descriptor, small.descriptor])("is one request with a length", async (one) => {
    await using registry = uploadRegistry();
    const sent: number[] = [];
    await connect(registry.address).writeBlob("app", one, openOf(one), {
      onBytes: (count) => sent.push(count),
    });
    expect(registry.uploads()).toEqual(["POST", "PUT"]);
    const put = registry.requests[1]?.headers;
    expect([put?.get("content-length"), put?.get("transfer-encoding")]).toEqual([
      String(one.size),
      null,
    ]);
    expect([sent.at(-1), sent.toSorted((a, b) => a - b)]).toEqual([one.size, sent]);
  });

  test("of a file comes from the file", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "blob");
    await Bun.write(path, bytes);
    await using registry = uploadRegistry();
    const file = Bun.file(path);
    await connect(registry.address).writeBlob("app", descriptor, (offset) => file.slice(offset));
    expect(registry.requests[1]?.headers.get("content-length")).toBe(String(size));
    expect(registry.blobs.has(descriptor.digest)).toBe(true);
  });

  test.each([
    ["/uploads/1?state=a%2Fb%3D&x", "/uploads/1?state=a%2Fb%3D&x&digest="],
    ["/uploads/1", "/uploads/1?digest="],
    ["https://HOST/uploads/1?a=b", "/uploads/1?a=b&digest="],
    ["1?a", "/v2/app/blobs/uploads/1?a&digest="],
  ])("goes on at %s", async (location, expected) => {
    const server = uploadRegistry({
      locationOf: () => location.replace("HOST", server.address),
    });
    await using registry = server;
    const { descriptor: one } = small;
    await connect(registry.address).writeBlob("app", one, openOf(one));
    expect(registry.requests[1]?.path).toBe(`${expected}${one.digest}`);
  });

  test("at another host goes there without the credential", async () => {
    await using other = uploadRegistry();
    await fetch(`http://${other.address}/`, { method: "POST" });
    await using registry = uploadRegistry({
      locationOf: () => `http://${other.address}/uploads/1?token=t`,
    });
    const remote = connect(registry.address, { credential: { bearer: "secret" } });
    await remote.writeBlob("app", descriptor, open);
    expect(registry.requests.map(({ headers }) => headers.get("authorization"))).toEqual([
      "Bearer secret",
    ]);
    expect(other.requests.map(({ headers }) => headers.get("authorization"))).toEqual([null, null]);
    expect(other.blobs.has(descriptor.digest)).toBe(true);
  });

  test.each(["ftp://x/", "http://[bad", ""])("is not sent to %p", async (location) => {
    await using registry = uploadRegistry({ locationOf: () => location });
    const error = await failure(connect(registry.address).writeBlob("app", descriptor, open));
    expect([error.kind, error.message]).toEqual([
      "failed",
      expect.stringContaining("takes uploads at"),
    ]);
  });

  test("goes in pieces that are as long as the registry says", async () => {
    await using registry = uploadRegistry({ postHeaders: { "OCI-Chunk-Min-Length": "600000" } });
    const limits = { chunk: 100_000 };
    let opened = 0;
    await connect(registry.address, { limits }).writeBlob("app", descriptor, (offset) => {
      opened++;
      return open(offset);
    });
    expect(registry.uploads()).toEqual([
      "POST",
      "PATCH 0-599999",
      "PATCH 600000-1199999",
      "PATCH 1200000-1499999",
      "PUT",
    ]);
    expect([opened, registry.blobs.has(descriptor.digest)]).toEqual([1, true]);
  });

  test.each([405, 411, 416, 501])("goes in pieces after a %d", async (status) => {
    await using registry = uploadRegistry({
      answer: ({ method, headers }) =>
        method === "PUT" && Number(headers.get("content-length")) > 0
          ? new Response(null, { status })
          : undefined,
    });
    await connect(registry.address).writeBlob("app", descriptor, open);
    expect(registry.uploads()).toEqual(["POST", "PUT", "DELETE", "POST", "PATCH 0-1499999", "PUT"]);
    expect(registry.blobs.has(descriptor.digest)).toBe(true);
  });

  test("gets through a proxy that takes little at a time, and gives up where nothing helps", async () => {
    const least = (limit: number) =>
      uploadRegistry({
        answer: ({ headers }) =>
          Number(headers.get("content-length")) > limit
            ? new Response("too big", { status: 413 })
            : undefined,
      });
    await using narrow = least(300_000);
    await connect(narrow.address).writeBlob("app", descriptor, open);
    expect(narrow.blobs.has(descriptor.digest)).toBe(true);
    await using closed = least(1000);
    const error = await failure(connect(closed.address).writeBlob("app", descriptor, open));
    expect(error.message).toContain("it answered 413");
    expect(closed.requests.length).toBeLessThan(20);
  });

  test.each(["cut", "hold"] as const)("goes on where a connection was %s", async (ending) => {
    await using registry = await servedRegistry();
    await using line = await faultyLine(registry.address, (count) =>
      count === 1 || count === 3 ? { up: 600_000, ending } : undefined,
    );
    const remote = connect(line.address, { limits: { stall: 300, settle: 300 } });
    const opened: number[] = [];
    await remote.writeBlob("app", descriptor, (offset) => {
      opened.push(offset);
      return new Blob([bytes]).slice(offset).stream();
    });
    expect(await remote.hasBlob("app", descriptor)).toBe(true);
    const methods = registry.requests.map((request) => request.split(" ")[0]);
    expect(methods.slice(0, 4)).toEqual(["POST", "PUT", "GET", "PATCH"]);
    expect(methods.filter((method) => method === "POST")).toHaveLength(1);
    expect(opened[0]).toBe(0);
    expect(opened[1]).toBeGreaterThan(500_000);
  });

  test("begins anew where its session is gone, some times", async () => {
    const gone = (times: number) => {
      let count = 0;
      return uploadRegistry({
        answer: ({ method }) =>
          method === "PUT" && ++count <= times ? new Response(null, { status: 404 }) : undefined,
      });
    };
    await using forgetful = gone(2);
    // Where it is asked how far it is.
    await connect(forgetful.address).writeBlob("app", descriptor, open);
    expect(forgetful.blobs.has(descriptor.digest)).toBe(true);
    await using lost = gone(100);
    const error = await failure(connect(lost.address).writeBlob("app", descriptor, open));
    expect([error.kind, error.message]).toEqual([
      "failed",
      expect.stringContaining("it answered 404"),
    ]);
    expect(lost.uploads().filter((request) => request === "PUT")).toHaveLength(4);
  });

  test.each([400, 405, 416])("begins anew where it can't be gone on with: %d", async (status) => {
    await using registry = uploadRegistry({
      answer: ({ method }) => (method === "PATCH" ? new Response(null, { status }) : undefined),
    });
    await using line = await faultyLine(registry.address, (count) =>
      count === 1 ? { up: 600_000, ending: "cut" } : undefined,
    );
    await connect(line.address).writeBlob("app", descriptor, open);
    expect(registry.blobs.has(descriptor.digest)).toBe(true);
    expect(registry.uploads().filter((request) => request === "POST")).toHaveLength(2);
  });

  test("is done when only the last answer was lost", async () => {
    let blob: Uint8Array | undefined;
    await using registry = uploadRegistry({
      answer({ method }, count) {
        if (count === 2) blob = bytes;
        if (method === "PUT") return new Response(null, { status: 502 });
        if (method === "GET") return new Response(null, { status: 404 });
        return method === "HEAD" && blob ? new Response() : undefined;
      },
    });
    await connect(registry.address).writeBlob("app", descriptor, open);
    expect(registry.uploads()).toEqual(["POST", "PUT", "GET", "HEAD"]);
  });

  test("waits as long as it is asked to, if that is bearable", async () => {
    const busy = (wait: string) => {
      let count = 0;
      return uploadRegistry({
        answer: ({ method }) =>
          method === "PUT" && ++count === 1
            ? new Response(null, { status: 429, headers: { "Retry-After": wait } })
            : undefined,
      });
    };
    await using patient = busy("1");
    const start = performance.now();
    await connect(patient.address).writeBlob("app", descriptor, open);
    expect(performance.now() - start).toBeGreaterThan(990);
    await using greedy = busy("3600");
    const error = await failure(connect(greedy.address).writeBlob("app", descriptor, open));
    expect(error.hint).toBe("Try again in 1h00m.");
  });

  test.each([400, 401, 403, 507])(
    "that is answered %d unread ends, and so does its source",
    async (status) => {
      await using registry = uploadRegistry({
        answer: ({ method }) => (method === "PUT" ? new Response(null, { status }) : undefined),
      });
      let isCancelled = false;
      const endless = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            await Bun.sleep(1);
            controller.enqueue(new Uint8Array(65_536));
          },
          cancel: () => void (isCancelled = true),
        },
        { highWaterMark: 0 },
      );
      const big = { ...descriptor, size: 2 ** 40 };
      const error = await failure(connect(registry.address).writeBlob("app", big, () => endless));
      expect([error.message.includes(`it answered ${status}`), isCancelled]).toEqual([true, true]);
      expect(registry.uploads()).toEqual(["POST", "PUT", "DELETE"]);
    },
  );

  test("that nobody takes ends", async () => {
    await using registry = await servedRegistry();
    await using line = await faultyLine(registry.address, (count) =>
      count === 1 ? undefined : { up: 100_000, ending: "hold" },
    );
    const remote = connect(line.address, { limits: { stall: 100, answer: 100, attempts: 2 } });
    const big = { ...descriptor, size: 2 ** 40 };
    const endless = (): ReadableStream<Uint8Array> =>
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)) });
    const error = await failure(remote.writeBlob("app", big, endless));
    expect([error.kind, error.message]).toEqual([
      "unreachable",
      expect.stringMatching(/nothing (was taken|came) for 0\.1 s/),
    ]);
  });

  test("fails as its source does", async () => {
    await using registry = uploadRegistry();
    const broken = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        pull(controller) {
          controller.enqueue(bytes.subarray(0, 500_000));
          controller.error(new HiveError("failed", "The disk is gone"));
        },
      });
    const error = await failure(connect(registry.address).writeBlob("app", descriptor, broken));
    expect(error.message).toBe("The disk is gone");
    const tooMuch = await failure(
      connect(registry.address).writeBlob("app", { ...descriptor, size: size - 1 }, open),
    );
    expect(tooMuch.message).toContain(`has more than ${size - 1} bytes`);
    const tooLittle = await failure(
      connect(registry.address).writeBlob("app", { ...descriptor, size: size + 1 }, open),
    );
    expect(tooLittle.message).toContain(`has less than ${size + 1} bytes`);
  });

  test("ends with its own signal", async () => {
    await using registry = uploadRegistry();
    const controller = new AbortController();
    let taken = 0;
    const upload = connect(registry.address).writeBlob(
      "app",
      descriptor,
      () =>
        new ReadableStream({
          async pull(stream) {
            taken++;
            if (taken > 2) await new Promise(() => {});
            stream.enqueue(bytes.subarray(0, 100_000));
          },
        }),
      { signal: controller.signal },
    );
    await waitUntil("some of it is sent", 10_000, () => taken > 2 || undefined);
    controller.abort(new HiveError("interrupted", "Enough"));
    expect((await failure(upload)).message).toBe("Enough");
    await waitUntil("its session is given up", 10_000, () =>
      registry.uploads().includes("DELETE") ? true : undefined,
    );
  });
});

describe("a mount", () => {
  test("that can't be gives up its session", async () => {
    await using registry = await servedRegistry();
    const remote = connect(registry.address);
    const nowhere = { ...descriptor, digest: digestOf("nowhere") };
    expect(await remote.mountBlob("other", nowhere, "app")).toBe(false);
    expect(registry.requests.at(-1)).toStartWith("DELETE /v2/other/blobs/uploads/");
  });

  test.each([400, 401, 403, 404, 405])("that is answered %d is none", async (status) => {
    await using registry = scriptedServer(() => new Response(null, { status }));
    const remote = connect(registry.address);
    expect(await remote.mountBlob("other", descriptor, "app")).toBe(false);
  });

  test("asks for the rights of both repositories, and does without them", async () => {
    const scopes: string[] = [];
    await using tokens = scriptedServer(({ path }) => {
      const asked = new URLSearchParams(path.slice(path.indexOf("?"))).getAll("scope");
      scopes.push(asked.join(" "));
      return asked.length > 1 ? new Response(null, { status: 403 }) : Response.json({ token: "T" });
    });
    await using registry = scriptedServer(({ authorization, method }) =>
      authorization === "Bearer T"
        ? new Response(null, { status: method === "HEAD" ? 200 : 201 })
        : new Response(null, {
            status: 401,
            headers: {
              "WWW-Authenticate": `Bearer realm="${tokens.url}/t",scope="repository:other:push,pull"`,
            },
          }),
    );
    const remote = connect(registry.address);
    expect(await remote.mountBlob("other", descriptor, "app")).toBe(false);
    // What is refused once is not asked for again.
    expect(await remote.mountBlob("other", small.descriptor, "app")).toBe(false);
    expect(scopes).toEqual(["repository:other:push,pull repository:app:pull"]);
  });
});

function openOf(one: { readonly size: number }): (offset: number) => Blob {
  return (offset) => new Blob([(one.size === size ? bytes : small.bytes).subarray(offset)]);
}
