import { describe, expect, test } from "bun:test";
import { HiveError } from "../../../src/base/hive-error.ts";
import { removeLeftNames } from "../../../src/build/handover/engine-handover.ts";
import { engineToStore } from "../../../src/build/handover/engine-to-store.ts";
import { storeBlob } from "../../../src/oci/blob-store.ts";
import { type ImageLayout, openLayout } from "../../../src/oci/layout.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import type { RegistryServer } from "../../../src/registry/serve-registry.ts";
import { fakeEngine, type FakeEngine } from "../../docker/fake-engine.ts";
import { freePort } from "../../support/free-port.ts";
import { rejection } from "../../support/rejection.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { sampleTarget } from "../sample-target.ts";

const target = sampleTarget("base");
const name = "127.0.0.1:5000/hive-run/base:1.linux-amd64";

async function handover({ engine }: FakeEngine, layout: ImageLayout) {
  const published: string[] = [];
  const registry = {
    address: "127.0.0.1:5000",
    publish: async (reference: string, { digest }: { digest: string }) =>
      void published.push(`${reference} ${digest}`),
  } as unknown as RegistryServer;
  const place = { layout, registry };
  const made = engineToStore({
    engine,
    parents: place,
    results: place,
    credentials: async () => ({ username: "hive", secret: "x" }),
    signal: AbortSignal.timeout(10_000),
  });
  const collect = async (): Promise<string> =>
    (await made.collect?.(target, { digest: undefined, configDigest: undefined, response: {} })) ??
    "";
  return { made, published, collect };
}

describe("engineToStore()", () => {
  test("has the engine push, stores what came as OCI has it, and removes the name", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path, { durable: false });
    const pushed = await storeBlob(
      layout.blobs,
      new TextEncoder().encode(JSON.stringify(dockerManifest)),
    );
    const fake = fakeEngine((request) =>
      request.startsWith("POST")
        ? new Response(`${JSON.stringify({ aux: { Digest: pushed.digest } })}\n`)
        : new Response("[]"),
    );
    const { made, published, collect } = await handover(fake, layout);
    expect(made.exporter(target)).toEqual({ type: "moby", attrs: { name } });
    const digest = await collect();
    expect(published).toEqual([`base:1 ${digest}`]);
    const stored = layout.blobs.find(digest as typeof pushed.digest);
    expect(await Bun.file(stored?.path ?? "").json()).toMatchObject({
      mediaType: mediaTypes.ociManifest,
    });
    await made[Symbol.asyncDispose]();
    expect(fake.requests).toEqual([
      "POST /images/127.0.0.1:5000/hive-run/base/push?tag=1.linux-amd64",
      `DELETE /images/${name}`,
    ]);
  });

  test("removes the name too when the push fails, and when the build never came to one", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path, { durable: false });
    const reason = "dial tcp 127.0.0.1:5000: connect: connection refused";
    const fake = fakeEngine((request) =>
      request.startsWith("POST")
        ? Response.json({ message: `Get "http://127.0.0.1:5000/v2/": ${reason}` }, { status: 500 })
        : new Response("[]"),
    );
    const { made, collect } = await handover(fake, layout);
    made.exporter(target);
    expect(await rejection(collect())).toMatchObject({
      message: expect.stringContaining(reason),
      hint: expect.stringContaining("containerd-snapshotter"),
    });
    expect(fake.requests).toContain(`DELETE /images/${name}`);

    const away = fakeEngine(() => {
      throw new HiveError("unreachable", "Cannot reach the Docker Engine");
    });
    const { collect: collectLost } = await handover(away, layout);
    // As any daemon that is lost: on-nodes.ts goes on from there.
    expect(await rejection(collectLost())).toMatchObject({ name: "BuildkitError", kind: "lost" });

    fake.requests.length = 0;
    made.exporter(target);
    await made[Symbol.asyncDispose]();
    expect(fake.requests).toEqual([`DELETE /images/${name}`]);
  });
});

const dockerManifest = {
  schemaVersion: 2,
  mediaType: mediaTypes.dockerManifest,
  config: {
    mediaType: mediaTypes.dockerConfig,
    size: 2,
    digest: `sha256:${"a".repeat(64)}`,
  },
  layers: [],
};

test("removeLeftNames() takes only names of runs that are over", async () => {
  await using server = listening();
  const closed = freePort();
  const names = [
    `127.0.0.1:${server.port}/hive-run/base:1`,
    `127.0.0.1:${closed}/hive-run/base:1`,
    `127.0.0.1:${closed}/hive-run/team/app:1`,
    `127.0.0.1:${closed}/base:1`,
    `registry.test:${closed}/hive-run/base:1`,
    "hive-run/base:1",
  ];
  const fake = fakeEngine((request) =>
    request.startsWith("GET") ? Response.json([{ RepoTags: names }]) : new Response("[]"),
  );
  await removeLeftNames(fake.engine);
  expect(fake.requests).toEqual([
    "GET /images/json",
    `DELETE /images/127.0.0.1:${closed}/hive-run/base:1`,
    `DELETE /images/127.0.0.1:${closed}/hive-run/team/app:1`,
  ]);
  // Whatever is wrong with the engine, the build will find out.
  await removeLeftNames(fakeEngine(() => new Response("", { status: 500 })).engine);
});

function listening(): AsyncDisposable & { readonly port: number } {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  return {
    port: server.port ?? 0,
    [Symbol.asyncDispose]: async () => await server.stop(true),
  };
}
