import { describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { digestOf } from "../../src/oci/digest.ts";
import { type ImageLayout, openLayout } from "../../src/oci/layout.ts";
import { type RegistryServer, serveRegistry } from "../../src/registry/serve-registry.ts";
import { storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";
import { basic } from "./access/support/users-fixture.ts";

type ServerFixture = AsyncDisposable & {
  readonly layout: ImageLayout;
  readonly url: string;
  readonly port: number;
  readonly errors: readonly Error[];
  stop(): Promise<void>;
};

type ServeOptions = Omit<Parameters<typeof serveRegistry>[0], "layout">;

async function serve(options: ServeOptions = {}): Promise<ServerFixture> {
  const directory = await tempDirectory();
  const layout = await openLayout(directory.path, { durable: false });
  const errors: Error[] = [];
  const server: RegistryServer = await serveRegistry({
    layout,
    onError: (error) => errors.push(error),
    ...options,
  });
  const stop = async (): Promise<void> => {
    await server[Symbol.asyncDispose]();
  };
  return {
    layout,
    url: `http://${server.address}`,
    port: Number(server.address.split(":")[1]),
    errors,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      layout[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function openUpload({ url }: ServerFixture): Promise<string> {
  const response = await fetch(`${url}/v2/a/blobs/uploads/`, { method: "POST" });
  return response.headers.get("location") ?? "";
}

/** A connection of which the test decides every byte. */
async function connect(port: number): Promise<Disposable & Connection> {
  let received = "";
  let closed = false;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data: (_, chunk) => {
        received += chunk.toString("latin1");
      },
      close: () => {
        closed = true;
      },
      error: () => {
        closed = true;
      },
    },
  });
  return {
    send: (text) => void socket.write(text),
    text: () => received,
    isClosed: () => closed,
    [Symbol.dispose]: () => socket.terminate(),
  };
}

type Connection = {
  readonly send: (text: string) => void;
  readonly text: () => string;
  readonly isClosed: () => boolean;
};

describe("serveRegistry() with a credential", () => {
  const credential = { username: "hive", secret: "s3cr3t:with:colons" };

  test("lets nobody in without it, whatever the path and method", async () => {
    await using s = await serve({ credential });
    const right = basic(`${credential.username}:${credential.secret}`);
    const wrong = [
      undefined,
      "",
      "Basic",
      basic("hive:"),
      basic("hive:wrong"),
      basic("other:s3cr3t:with:colons"),
      `${right}, ${right}`,
      `Bearer ${credential.secret}`,
      right.slice(0, -1),
    ];
    for (const authorization of wrong) {
      for (const [method, path] of [
        ["GET", "/v2/"],
        ["GET", "/v2/_catalog"],
        ["HEAD", `/v2/a/blobs/${digestOf("")}`],
        ["GET", "/v2/a/manifests/1"],
        ["PUT", "/v2/a/manifests/1"],
        ["POST", "/v2/a/blobs/uploads/"],
        ["PATCH", `/v2/a/blobs/uploads/${"0".repeat(32)}`],
        ["DELETE", "/v2/a/manifests/1"],
        ["GET", "/v2/INVALID/tags/list"],
        ["GET", "/elsewhere"],
      ] as const) {
        const response = await fetch(`${s.url}${path}`, {
          method,
          ...(method === "PUT" || method === "PATCH" ? { body: "x" } : {}),
          headers: authorization === undefined ? {} : { authorization },
        });
        expect([method, path, response.status]).toEqual([method, path, 401]);
        expect(response.headers.get("www-authenticate")).toBe('Basic realm="hive"');
        await response.arrayBuffer();
      }
    }
    expect(await readdir(s.layout.scratch)).toEqual([]);
  });

  test("lets in with it", async () => {
    await using s = await serve({ credential });
    for (const scheme of ["Basic", "basic", "BASIC"]) {
      const authorization = basic("hive:s3cr3t:with:colons").replace("Basic", scheme);
      const response = await fetch(`${s.url}/v2/`, { headers: { authorization } });
      expect(response.status).toBe(200);
    }
  });
});

describe("serveRegistry()", () => {
  test("serves what the layout names, with the children of indexes", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path);
    const image = await storeSampleImage(layout.blobs);
    const index = await storeSampleIndex(layout.blobs, [image]);
    await layout.update(
      new Map([
        ["team/base:1.0", index],
        ["no tag", image],
      ]),
    );
    await using server = await serveRegistry({ layout });
    const head = async (path: string): Promise<string | null> => {
      const response = await fetch(`http://${server.address}/v2/team/base/${path}`, {
        method: "HEAD",
      });
      return response.headers.get("docker-content-digest");
    };
    expect(await head("manifests/1.0")).toBe(index.digest);
    expect(await head(`manifests/${image.digest}`)).toBe(image.digest);
    const catalog = await fetch(`http://${server.address}/v2/_catalog`);
    expect(await catalog.json()).toEqual({ repositories: ["team/base"] });
  });

  test("starts although an image of the layout is damaged", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path);
    const image = await storeSampleImage(layout.blobs);
    await layout.update(new Map([["base:1.0", image]]));
    await Bun.write(layout.blobs.find(image.digest)?.path ?? "", "damaged");
    await using server = await serveRegistry({ layout });
    const response = await fetch(`http://${server.address}/v2/base/manifests/1.0`);
    expect(response.status).toBe(404);
  });

  test("sends blobs whole and in parts, without a header for browsers' downloads", async () => {
    await using s = await serve();
    const content = "0123456789".repeat(100_000);
    const digest = digestOf(content);
    await fetch(`${s.url}/v2/a/blobs/uploads/?digest=${digest}`, { method: "POST", body: content });
    const get = async (range?: string): Promise<Response> =>
      await fetch(
        `${s.url}/v2/a/blobs/${digest}`,
        range === undefined ? {} : { headers: { range } },
      );
    const whole = await get();
    expect(whole.headers.get("content-length")).toBe("1000000");
    expect(whole.headers.get("content-disposition")).not.toContain("filename");
    expect(whole.headers.get("content-encoding")).toBeNull();
    expect(await whole.text()).toBe(content);
    for (const [range, start, end] of [
      ["bytes=3-12", 3, 13],
      ["bytes=999990-", 999_990, 1_000_000],
      ["bytes=-7", 999_993, 1_000_000],
    ] as const) {
      const part = await get(range);
      expect(part.status).toBe(206);
      expect(part.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/1000000`);
      expect(part.headers.get("content-length")).toBe(`${end - start}`);
      expect(await part.text()).toBe(content.slice(start, end));
    }
    expect((await get("bytes=1000000-")).status).toBe(416);
    const head = await fetch(`${s.url}/v2/a/blobs/${digest}`, {
      method: "HEAD",
      headers: { range: "bytes=0-1" },
    });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "1000000"]);
  });

  test.each(["PATCH", "PUT"])(
    "goes on with an upload whose %s was cut off where it stands",
    async (method) => {
      await using s = await serve();
      const content = Buffer.alloc(3_000_000, "x");
      const digest = digestOf(content);
      const location = await openUpload(s);
      const url = `${s.url}${location}`;
      using connection = await connect(s.port);
      const query = method === "PUT" ? `?digest=${digest}` : "";
      const head = `${method} ${location}${query} HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n`;
      connection.send(head + content.toString("latin1", 0, 1_000_000));
      const stand = async (): Promise<number | undefined> => {
        const range = (await fetch(url)).headers.get("range") ?? "";
        return Number(range.replace("0-", "")) || undefined;
      };
      await waitUntil("the upload has bytes", 5000, stand);
      connection[Symbol.dispose]();

      const rest = async (): Promise<Response> => {
        const offset = ((await stand()) ?? -1) + 1;
        return await fetch(url, {
          method: "PATCH",
          headers: { "content-range": `${offset}-2999999` },
          body: content.subarray(offset),
        });
      };
      // The server may not have seen yet that the connection is gone.
      await waitUntil("the upload goes on", 5000, async () =>
        (await rest()).status === 202 ? true : undefined,
      );
      expect((await fetch(`${url}?digest=${digest}`, { method: "PUT" })).status).toBe(201);
      expect(await readdir(s.layout.scratch)).toEqual([]);
      expect(s.errors).toEqual([]);
    },
  );

  test("holds one file for each upload that clients cut off, and none after its end", async () => {
    const scratch = async (s: { readonly layout: ImageLayout }): Promise<number> =>
      (await readdir(s.layout.scratch)).length;
    await using s = await serve();
    for (let round = 0; round < 20; round++) {
      const location = await openUpload(s);
      using connection = await connect(s.port);
      connection.send(
        `PATCH ${location} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n${"x".repeat(3_000_000)}`,
      );
      await waitUntil("the upload has bytes", 5000, async () =>
        (await scratch(s)) > 0 ? true : undefined,
      );
      connection[Symbol.dispose]();
      await waitUntil("the upload is given up", 5000, async () =>
        (await fetch(`${s.url}${location}`, { method: "DELETE" })).status === 204
          ? true
          : undefined,
      );
    }
    expect(await scratch(s)).toBe(0);
    expect(s.errors).toEqual([]);
  });

  test("takes chunked bodies piece by piece", async () => {
    await using s = await serve();
    const location = await openUpload(s);
    using connection = await connect(s.port);
    connection.send(`PATCH ${location} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (const piece of ["hel", "l", "o"]) {
      connection.send(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    }
    connection.send("0\r\n\r\n");
    const answer = await waitUntil("an answer", 5000, () =>
      connection.text().includes("\r\n\r\n") ? connection.text() : undefined,
    );
    expect(answer).toStartWith("HTTP/1.1 202");
    expect(answer.toLowerCase()).toContain("range: 0-4");
    const done = await fetch(`${s.url}${location}?digest=${digestOf("hello")}`, { method: "PUT" });
    expect(done.status).toBe(201);
  });

  test.each([
    ["GET /v2/../../etc/passwd HTTP/1.1\r\nHost: x", 404],
    ["GET /v2/a/%2e%2e/%2e%2e/blobs/x HTTP/1.1\r\nHost: x", 404],
    ["GET //evil.test/v2/ HTTP/1.1\r\nHost: x", 404],
    ["GET /v2/a/b%00c/tags/list HTTP/1.1\r\nHost: x", 400],
    ["GET /v2/ HTTP/1.1\r\nHost: evil.test/../@x:99999", 200],
    ["GET /v2/ HTTP/1.0", 200],
    ["GET http://other.test/v2/ HTTP/1.1\r\nHost: x", 200],
    ["GET /v2/a/manifests/1?digest=%zz&digest=%zz HTTP/1.1\r\nHost: x", 404],
  ])("answers %j with %d and echoes no host", async (head, status) => {
    await using s = await serve();
    using connection = await connect(s.port);
    connection.send(`${head}\r\nConnection: close\r\n\r\n`);
    const answer = await waitUntil("an answer", 5000, () =>
      connection.isClosed() ? connection.text() : undefined,
    );
    expect(answer).toStartWith(`HTTP/1.1 ${status}`);
    expect(answer.toLowerCase()).not.toContain("location:");
    expect(s.errors).toEqual([]);
  });

  test("dispose waits for requests for a moment, then cuts them and keeps nothing", async () => {
    await using s = await serve({ grace: 50 });
    const location = await openUpload(s);
    using connection = await connect(s.port);
    connection.send(`PATCH ${location} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\nhalf`);
    // Bigger than the buffer for small bodies, so what came is on disk.
    await waitUntil("the upload has bytes", 5000, async () =>
      (await readdir(s.layout.scratch)).length > 0 ? true : undefined,
    );
    const start = performance.now();
    await s.stop();
    expect(performance.now() - start).toBeLessThan(2000);
    await waitUntil("the connection is cut", 5000, () =>
      connection.isClosed() ? true : undefined,
    );
    await waitUntil("nothing is left", 5000, async () =>
      (await readdir(s.layout.scratch)).length === 0 ? true : undefined,
    );
    expect(fetch(`${s.url}/v2/`)).rejects.toThrow();
  });
});
