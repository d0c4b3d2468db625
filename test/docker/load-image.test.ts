import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../../src/base/hive-error.ts";
import { loadImage } from "../../src/docker/load-image.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { tempDirectory } from "../support/temp-directory.ts";

type Engine = AsyncDisposable & {
  readonly host: string;
  readonly directory: string;
  /** Digests of the archives that came. */
  readonly archives: readonly string[];
};

/** Answers as an engine does; the e2e test talks to a real one. */
async function engine(answer: string, status = 200): Promise<Engine> {
  const directory = await tempDirectory();
  const archives: string[] = [];
  const path = join(directory.path, "engine.sock");
  const server = Bun.serve({
    unix: path,
    async fetch(request) {
      if (request.method !== "POST" || new URL(request.url).pathname !== "/images/load") {
        return new Response('{"message":"page not found"}', { status: 404 });
      }
      archives.push(digestOf(await request.bytes()));
      return new Response(answer, { status });
    },
  });
  return {
    host: `unix://${path}`,
    directory: directory.path,
    archives,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function* archive(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 40; i++) yield new Uint8Array(100_000).fill(i);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("half");
  throw new HiveError("failed", "blob is damaged");
}

describe("loadImage()", () => {
  test("sends the archive, from a stream and from a file, and says what was loaded", async () => {
    await using e = await engine(
      '{"stream":"Loaded image: base:1.0\\n"}\n{"stream":"Loaded image ID: sha256:12\\n"}\n',
    );
    const bytes = Buffer.concat(await Array.fromAsync(archive()));
    const file = join(e.directory, "a.tar");
    await writeFile(file, bytes);
    expect(await loadImage(archive(), { env: { DOCKER_HOST: e.host } })).toEqual([
      "base:1.0",
      "sha256:12",
    ]);
    expect(await loadImage(file, { env: { DOCKER_HOST: e.host } })).toEqual([
      "base:1.0",
      "sha256:12",
    ]);
    expect(e.archives).toEqual([digestOf(bytes), digestOf(bytes)]);
  });

  test.each([
    ['{"errorDetail":{"message":"no space left"},"error":"no space left"}\n', 200, "no space left"],
    ['{"stream":"Loaded image: a:1\\n"}\n{"error":"broken"}\n', 200, "broken"],
    ['{"message":"client is newer"}', 400, "the engine answered 400: client is newer"],
    ["<html>", 502, "the engine answered 502: <html>"],
    ["", 200, "the engine did not say that it loaded one"],
    ["<html>", 200, "unexpected answer: <html>"],
  ])("fails when the engine answers %j with %d", async (answer, status, reason) => {
    await using e = await engine(answer, status);
    const error = await loadImage(archive(), { env: { DOCKER_HOST: e.host } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(HiveError);
    expect(error).toMatchObject({ kind: "failed", message: `Cannot load the image: ${reason}` });
  });

  test("gives up on an answer without an end", async () => {
    await using e = await engine("x".repeat(2_000_000));
    const error = await loadImage(archive(), { env: { DOCKER_HOST: e.host } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      kind: "failed",
      message: "Cannot load the image: the engine's answer has no end of line",
    });
  });

  test("names the engine that it can't reach", async () => {
    await using directory = await tempDirectory();
    const hosts = [`unix://${directory.path}/none.sock`, "tcp://127.0.0.1:1"];
    for (const host of hosts) {
      const error = await loadImage(archive(), { env: { DOCKER_HOST: host } }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({
        kind: "unreachable",
        message: expect.stringContaining(`Cannot reach the Docker Engine at ${host}: `),
        hint: expect.stringContaining("DOCKER_HOST"),
      });
    }
  });

  test("tells an archive that breaks from a connection that does", async () => {
    await using e = await engine('{"stream":"Loaded image: base:1.0\\n"}');
    expect(loadImage(broken(), { env: { DOCKER_HOST: e.host } })).rejects.toThrow(
      "blob is damaged",
    );
    expect(
      loadImage(join(e.directory, "none.tar"), { env: { DOCKER_HOST: e.host } }),
    ).rejects.toThrow("none.tar");
  });

  test("stops when told to", async () => {
    await using e = await engine("");
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        yield new Uint8Array(100_000);
        controller.abort(new Error("enough"));
      }
    }
    const loading = loadImage(endless(), {
      env: { DOCKER_HOST: e.host },
      signal: controller.signal,
    });
    expect(loading).rejects.toThrow("enough");
  });
});
