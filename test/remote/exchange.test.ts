import { describe, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { HiveError } from "../../src/base/hive-error.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { json } from "../oci/support/sample-image.ts";
import { waitUntil } from "../support/wait-until.ts";
import { all, connect, failure } from "./support/connect.ts";
import { scriptedServer } from "./support/scripted-server.ts";

const bytes = json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] });
const digest = digestOf(bytes);

function manifestResponse(headers: Record<string, string> = {}): Response {
  return new Response(bytes, { headers: { "Content-Type": mediaTypes.ociIndex, ...headers } });
}

function redirect(location: string): Response {
  return new Response(null, { status: 307, headers: { Location: location } });
}

/** Answers every connection with these bytes; then ends it, or lets it hang. */
async function rawServer(
  answer: string,
  end: "cut" | "hang",
): Promise<AsyncDisposable & { address: string; connections(): number }> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    count++;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(answer);
      if (end === "cut") socket.end();
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  return {
    address: `127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    connections: () => count,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      await closed.promise;
    },
  };
}

describe("redirects", () => {
  test("storage elsewhere is read without the credential", async () => {
    const credential = { bearer: "secret" };
    await using storage = scriptedServer(() => new Response(bytes));
    await using registry = scriptedServer(() => redirect(`${storage.url}/x?signature=1`));
    const descriptor = { mediaType: mediaTypes.ociConfig, digest, size: bytes.byteLength };
    const blob = await connect(registry.address, { credential }).blob("app", descriptor);
    expect(digestOf(blob)).toBe(digest);
    expect(registry.asked.map(({ authorization }) => authorization)).toEqual(["Bearer secret"]);
    expect(storage.asked).toEqual([
      { method: "GET", path: "/x?signature=1", authorization: null, body: "" },
    ]);
  });

  test("the same registry keeps the credential", async () => {
    const credential = { bearer: "secret" };
    await using registry = scriptedServer(({ path }) =>
      path.startsWith("/moved") ? manifestResponse() : redirect("/moved"),
    );
    await connect(registry.address, { credential }).manifest("app", "1");
    expect(registry.asked.map(({ authorization }) => authorization)).toEqual([
      "Bearer secret",
      "Bearer secret",
    ]);
  });

  test("storage that refuses can't name a place for the credential", async () => {
    await using tokens = scriptedServer(() => Response.json({ token: "T" }));
    await using storage = scriptedServer(
      () =>
        new Response(null, {
          status: 401,
          headers: { "WWW-Authenticate": `Bearer realm="${tokens.url}"` },
        }),
    );
    await using registry = scriptedServer(() => redirect(storage.url));
    const error = await failure(connect(registry.address).manifest("app", "1"));
    expect([error.kind, tokens.asked.length]).toEqual(["unauthorized", 0]);
  });

  test("nor where it is asked how to log in", async () => {
    const credential = { username: "me", secret: "secret" };
    await using tokens = scriptedServer(() => Response.json({ token: "T" }));
    const challenge = `Bearer realm="${tokens.url}", Basic realm="x"`;
    await using elsewhere = scriptedServer(
      () => new Response(null, { status: 401, headers: { "WWW-Authenticate": challenge } }),
    );
    await using registry = scriptedServer(() => redirect(elsewhere.url));
    const error = await failure(connect(registry.address, { credential }).manifest("app", "1"));
    expect([error.kind, tokens.asked.length]).toEqual(["unauthorized", 0]);
    const shown = [...registry.asked, ...elsewhere.asked].map(({ authorization }) => authorization);
    expect(new Set(shown)).toEqual(new Set([null]));
  });

  test.each(["file:///etc/passwd", "gopher://x/", "http://[bad"])(
    "%s is refused",
    async (place) => {
      await using registry = scriptedServer(() => redirect(place));
      const error = await failure(connect(registry.address).manifest("app", "1"));
      expect([error.kind, error.message]).toEqual([
        "failed",
        expect.stringContaining("redirects to"),
      ]);
    },
  );

  test("storage that is not there is told apart from the registry", async () => {
    const gone = scriptedServer(() => new Response());
    await gone[Symbol.asyncDispose]();
    await using registry = scriptedServer(() => redirect(gone.url));
    const error = await failure(connect(registry.address).manifest("app", "1"));
    expect(error.message).toBe(
      `Cannot reach ${gone.address} for ${registry.address}: nobody listens there`,
    );
  });

  test("circles end", async () => {
    await using registry = scriptedServer(({ path }) => redirect(path));
    const error = await failure(connect(registry.address).manifest("app", "1"));
    expect(error.message).toContain("redirects in circles");
    expect(error.hint).toContain("who run the registry");
    expect(registry.asked.length).toBeLessThan(10);
  });

  test("what deletes is not sent elsewhere", async () => {
    await using other = scriptedServer(() => new Response(null, { status: 202 }));
    await using registry = scriptedServer(() => redirect(other.url));
    await failure(connect(registry.address).deleteTag("app", "1"));
    expect(other.asked).toEqual([]);
  });
});

describe("a busy registry", () => {
  test.each([429, 502, 503, 504])("is asked again after %d", async (status) => {
    await using registry = scriptedServer((_, count) =>
      count < 3 ? new Response(null, { status }) : manifestResponse(),
    );
    expect((await connect(registry.address).manifest("app", "1")).descriptor.digest).toBe(digest);
    expect(registry.asked).toHaveLength(3);
  });

  test("is not asked for ever", async () => {
    await using registry = scriptedServer(() => new Response(null, { status: 503 }));
    const error = await failure(connect(registry.address).manifest("app", "1"));
    expect([error.kind, error.message, registry.asked.length]).toEqual([
      "failed",
      `Cannot read app:1 on ${registry.address}: it answered 503`,
      4,
    ]);
  });

  test("gets the time that it asks for, and no more than is bearable", async () => {
    await using patient = scriptedServer((_, count) =>
      count === 1
        ? new Response(null, { status: 429, headers: { "Retry-After": "1" } })
        : manifestResponse(),
    );
    const start = performance.now();
    await connect(patient.address).manifest("app", "1");
    expect(performance.now() - start).toBeGreaterThan(990);

    await using greedy = scriptedServer(
      () => new Response(null, { status: 429, headers: { "Retry-After": "3600" } }),
    );
    const error = await failure(connect(greedy.address).manifest("app", "1"));
    expect([greedy.asked.length, error.hint]).toEqual([1, "Try again in 1h00m."]);
  });

  test("a delete is sent again only when it was refused", async () => {
    await using refusing = scriptedServer(
      (_, count) => new Response(null, { status: count === 1 ? 503 : 202 }),
    );
    expect(await connect(refusing.address).deleteTag("app", "1")).toBe(true);
    await using broken = scriptedServer(() => new Response(null, { status: 502 }));
    await failure(connect(broken.address).deleteTag("app", "1"));
    expect([refusing.asked.length, broken.asked.length]).toEqual([2, 1]);
  });

  test("waiting ends at once when the user has enough", async () => {
    await using registry = scriptedServer(() => new Response(null, { status: 503 }));
    const controller = new AbortController();
    const limits = { firstDelay: 60_000 };
    const remote = connect(registry.address, { signal: controller.signal, limits });
    const answer = remote.manifest("app", "1");
    await waitUntil("the registry is asked", 5000, () => registry.asked[0]);
    controller.abort(new HiveError("interrupted", "Interrupted"));
    expect((await failure(answer)).kind).toBe("interrupted");
  });
});

describe("a broken registry", () => {
  test("that is not there is unreachable", async () => {
    const gone = scriptedServer(() => new Response());
    await gone[Symbol.asyncDispose]();
    const error = await failure(connect(gone.address).ping());
    expect([error.kind, error.message]).toEqual([
      "unreachable",
      `Cannot reach the registry ${gone.address}: nobody listens there`,
    ]);
  });

  test("a body that is cut is asked for again, then given up", async () => {
    await using registry = await rawServer(
      "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nabc",
      "cut",
    );
    const error = await failure(connect(registry.address).manifest("app", "1"));
    expect([error.kind, error.message]).toEqual([
      "unreachable",
      expect.stringContaining("the connection broke"),
    ]);
    expect(registry.connections()).toBe(4);
  });

  test.each([
    ["an answer that never starts", "", { answer: 50 }],
    ["a body that stops", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc", { stall: 50 }],
  ])("%s ends", async (_, answer, limits) => {
    await using registry = await rawServer(answer, "hang");
    const error = await failure(connect(registry.address, { limits }).manifest("app", "1"));
    expect([error.kind, error.message]).toEqual([
      "unreachable",
      expect.stringContaining("nothing came for 0.05 s"),
    ]);
  });

  test("an answer that comes byte by byte ends", async () => {
    await using registry = scriptedServer(
      () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              await Bun.sleep(5);
              controller.enqueue(new Uint8Array(1));
            },
          }),
        ),
    );
    const limits = { whole: 100, progress: 1 };
    const error = await failure(connect(registry.address, { limits }).manifest("app", "1"));
    expect([error.kind, error.message]).toEqual([
      "unreachable",
      `Cannot reach the registry ${registry.address}: its answer had no end after 0.1 s`,
    ]);
  });

  test("a body without end is not taken into memory", async () => {
    const chunk = new Uint8Array(64 * 1024);
    await using registry = scriptedServer(
      () =>
        new Response(
          new ReadableStream({
            pull: (controller) => controller.enqueue(chunk),
          }),
        ),
    );
    const error = await failure(connect(registry.address).manifest("app", "1"));
    expect([error.kind, error.message]).toEqual(["failed", expect.stringContaining("longer than")]);
  });

  test("bytes that are not those of their digest are refused", async () => {
    const other = digestOf("other");
    await using lying = scriptedServer(() => manifestResponse({ "Docker-Content-Digest": other }));
    const remote = connect(lying.address);
    for (const reference of ["1", other]) {
      const error = await failure(remote.manifest("app", reference));
      expect(error.message).toBe(`${lying.address} sent other bytes than those of ${other}`);
    }
    const descriptor = { mediaType: mediaTypes.ociConfig, digest: other, size: bytes.byteLength };
    expect((await failure(remote.blob("app", descriptor))).message).toContain("other bytes");
  });

  test("a manifest of another kind than its label, or none at all, is refused", async () => {
    await using mixed = scriptedServer(() =>
      manifestResponse({ "Content-Type": mediaTypes.ociManifest }),
    );
    expect((await failure(connect(mixed.address).manifest("app", "1"))).message).toContain(
      "but it came as",
    );
    await using page = scriptedServer(() => new Response("<html>"));
    expect((await failure(connect(page.address).manifest("app", "1"))).message).toContain(
      "it is not valid JSON",
    );
  });

  test("a HEAD that says too little is made up for by a GET", async () => {
    await using registry = scriptedServer(() => manifestResponse());
    expect(await connect(registry.address).headManifest("app", "1")).toEqual({
      mediaType: mediaTypes.ociIndex,
      digest,
      size: bytes.byteLength,
    });
    expect(registry.asked.map(({ method }) => method)).toEqual(["HEAD", "GET"]);
  });

  test("what it says is printed without control characters, and not at length", async () => {
    const message = `\u001B[31mred\u001B[0m\n${"x".repeat(1000)}`;
    await using registry = scriptedServer(() =>
      Response.json(
        { errors: [{ code: "DENIED", message }, { message: 7 }, null] },
        { status: 403 },
      ),
    );
    const error = await failure(connect(registry.address).manifest("app", "1"));
    expect([error.kind, error.message]).toEqual([
      "unauthorized",
      expect.stringContaining("403, DENIED: red xxx"),
    ]);
    expect(error.message.length).toBeLessThan(400);
  });
});

describe("what it was shown is for no log, should it say it", () => {
  const basic = Buffer.from("me:secret").toString("base64");

  test.each([
    ["a password", { username: "me", secret: "secret" }, 'Basic realm="x"'],
    ["a token that it gave", { username: "me", secret: "secret" }, "Bearer"],
    ["a token to show", { bearer: "secret" }, ""],
  ])("%s", async (_, credential, scheme) => {
    await using tokens = scriptedServer(() => Response.json({ token: "T0KEN" }));
    const challenge = scheme === "Bearer" ? `Bearer realm="${tokens.url}"` : scheme;
    await using registry = scriptedServer(({ authorization }) => {
      const headers = { "WWW-Authenticate": challenge };
      const message = `${authorization} ${basic} secret`;
      const errors = [{ code: "DENIED", message: `${"x".repeat(240)} ${message}` }];
      return Response.json({ errors }, { status: authorization === null ? 401 : 403, headers });
    });
    const error = await failure(connect(registry.address, { credential }).manifest("app", "1"));
    expect(error.message).toContain("***");
    expect(error.message).not.toMatch(new RegExp(`secret|T0KEN|${basic.slice(0, 4)} `));
  });
});

describe("lists", () => {
  test("null and nothing are empty, what is no list is an error", async () => {
    const bodies = ['{"tags":null}', "{}", '{"tags":[1]}', "[]", "hello"];
    await using registry = scriptedServer((_, count) => new Response(bodies[count - 1]));
    const remote = connect(registry.address);
    expect([await all(remote.tags("a")), await all(remote.tags("a"))]).toEqual([[], []]);
    for (const _ of [1, 2, 3]) {
      expect((await failure(all(remote.tags("a")))).message).toContain("without a list of tags");
    }
  });

  test("a Link of the same host is followed whatever its scheme, another host's is not", async () => {
    await using registry = scriptedServer(({ path }) => {
      const link = path.includes("last")
        ? '<https://elsewhere.test/v2/app/tags/list?last=x>; rel="next"'
        : `<https://${registry.address}/v2/app/tags/list?last=1>; rel="next"`;
      return Response.json({ tags: ["1"] }, { headers: { Link: link } });
    });
    const error = await failure(all(connect(registry.address).tags("app")));
    expect(error.message).toContain("goes on at another host");
    expect(registry.asked.map(({ path }) => path)).toEqual([
      "/v2/app/tags/list?n=1000",
      "/v2/app/tags/list?last=1",
    ]);
  });

  test("a list without end is given up", async () => {
    const next = (path: string) => ({ headers: { Link: `<${path}>; rel=next` } });
    await using circle = scriptedServer(({ path }) => Response.json({}, next(path)));
    expect((await failure(all(connect(circle.address).catalog()))).message).toContain("no end");
    await using endless = scriptedServer((_, count) =>
      Response.json({}, next(`/v2/_catalog?last=${count}`)),
    );
    const limits = { pages: 7 };
    const error = await failure(all(connect(endless.address, { limits }).catalog()));
    expect([error.message.includes("no end"), endless.asked.length]).toEqual([true, 7]);
  });

  test("a list that fills the memory is given up", async () => {
    await using registry = scriptedServer((_, count) =>
      Response.json(
        { repositories: ["x".repeat(1000)] },
        { headers: { Link: `</v2/_catalog?last=${count}>; rel=next` } },
      ),
    );
    const limits = { listSize: 5000 };
    const error = await failure(all(connect(registry.address, { limits }).catalog()));
    expect([error.message.includes("no end"), registry.asked.length]).toEqual([true, 5]);
  });

  // With time that grows with the square of its length it would take minutes, in which nothing else is done.
  test.each(["<", "<>;", "<a>;b="])("a Link of many %s is none", async (piece) => {
    const link = piece.repeat(300_000 / piece.length);
    await using registry = await rawServer(
      `HTTP/1.1 200 OK\r\nLink: ${link}\r\nContent-Length: 14\r\n\r\n{"tags":["1"]}`,
      "hang",
    );
    const start = performance.now();
    expect(await all(connect(registry.address).tags("app"))).toEqual(["1"]);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test("referrers come from the tag where the registry has no list", async () => {
    const referrer = { mediaType: mediaTypes.ociManifest, digest, size: 1 };
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [referrer] };
    await using registry = scriptedServer(({ path }) =>
      path.startsWith("/v2/app/manifests/")
        ? Response.json(index, { headers: { "Content-Type": mediaTypes.ociIndex } })
        : new Response("404 page not found", { status: 404 }),
    );
    expect(await connect(registry.address).referrers("app", digest)).toEqual([referrer]);
    expect(registry.asked.at(-1)?.path).toBe(`/v2/app/manifests/${digest.replace(":", "-")}`);
  });
});

test("the proxy of the environment has nothing to do with loopback", async () => {
  await using proxy = scriptedServer(() => new Response("proxy", { status: 500 }));
  await using registry = scriptedServer(() => Response.json({}));
  const before = process.env["HTTP_PROXY"];
  process.env["HTTP_PROXY"] = proxy.url;
  try {
    await connect(registry.address, { credential: { bearer: "secret" } }).ping();
  } finally {
    if (before === undefined) delete process.env["HTTP_PROXY"];
    else process.env["HTTP_PROXY"] = before;
  }
  expect([registry.asked.length, proxy.asked.length]).toEqual([1, 0]);
});
