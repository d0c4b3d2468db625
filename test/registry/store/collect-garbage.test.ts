import { describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readBlob, storeBlob } from "../../../src/oci/blob-store.ts";
import { type Digest, digestOf } from "../../../src/oci/digest.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { createRegistry } from "../../../src/registry/create-registry.ts";
import {
  collectGarbage,
  type GarbageReport,
} from "../../../src/registry/store/garbage/collect-garbage.ts";
import {
  openEphemeralStore,
  type OpenRegistryStore,
  openRegistryStore,
} from "../../../src/registry/store/open-registry-store.ts";
import { json, storeSampleImage } from "../../oci/support/sample-image.ts";
import { rejection } from "../../support/rejection.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const nothing: GarbageReport = { manifests: 0, links: 0, blobs: 0, bytes: 0 };

async function openStore(membership: "shared" | "repository" = "repository") {
  return await openEphemeralStore({ membership, onWarning: () => undefined });
}

/** Pushes as an endpoint does. */
async function pushBlob(
  store: OpenRegistryStore,
  repository: string,
  text: string,
): Promise<Digest> {
  const blob = await storeBlob(store.blobs, bytesOf(text));
  await store.metadata.addBlob(repository, blob.digest);
  return blob.digest;
}

type ManifestOptions = {
  readonly tags?: readonly string[];
  readonly content?: readonly Digest[];
  readonly subject?: Digest;
};

async function pushManifest(
  store: OpenRegistryStore,
  repository: string,
  name: string,
  { tags = [], content = [], subject }: ManifestOptions = {},
): Promise<Digest> {
  const { digest, size } = await storeBlob(store.blobs, bytesOf(name));
  const descriptor = { digest, size, mediaType: mediaTypes.ociManifest };
  const record = { ...descriptor, content };
  const referrer = subject === undefined ? {} : { referrer: { subject, descriptor } };
  await store.metadata.putManifest(repository, { ...record, ...referrer }, tags);
  return digest;
}

async function files(store: OpenRegistryStore): Promise<readonly string[]> {
  return await readdir(join(store.directory, "blobs", "sha256"));
}

/** So that what was done before is older than a collection that begins now. */
async function later(): Promise<void> {
  await Bun.sleep(2);
}

/** Between what happens now and what happened before it: 60 ms or more. */
async function muchLater(): Promise<number> {
  await Bun.sleep(60);
  return Date.now();
}

/** Milliseconds, for a collection that begins now: what happened at `time` is not so old, what was before is. */
function ageBetween(time: number): number {
  return Date.now() - time + 40;
}

describe("collectGarbage()", () => {
  test("removes what no manifest needs, from the repository and from the disk", async () => {
    await using store = await openStore();
    const layer = await pushBlob(store, "a", "layer");
    await pushBlob(store, "a", "left over");
    await pushManifest(store, "a", "image", { tags: ["1"], content: [layer] });
    await later();
    expect(await collectGarbage(store, { grace: 0 })).toEqual({
      manifests: 0,
      links: 1,
      blobs: 1,
      bytes: "left over".length,
    });
    expect(store.findBlob("a", layer)?.digest).toBe(layer);
    expect(store.metadata.hasBlob("a", digestOf("left over"))).toBe(false);
    expect(await files(store)).toHaveLength(2);
    await later();
    expect(await collectGarbage(store, { grace: 0 })).toEqual(nothing);
  });

  test("looks at each repository alone", async () => {
    await using store = await openStore();
    const layer = await pushBlob(store, "a", "layer");
    await store.metadata.addBlob("b", layer);
    await pushManifest(store, "a", "image", { tags: ["1"], content: [layer] });
    await later();
    expect(await collectGarbage(store, { grace: 0 })).toEqual({ ...nothing, links: 1 });
    expect(store.findBlob("b", layer)).toBeUndefined();
    expect(store.findBlob("a", layer)?.digest).toBe(layer);
  });

  test("only says what it would do in a dry run", async () => {
    await using store = await openStore();
    const layer = await pushBlob(store, "a", "layer");
    await pushManifest(store, "a", "image", { content: [layer] });
    await later();
    const options = { grace: 0, untagged: { olderThan: 0 } };
    const report = { manifests: 1, links: 1, blobs: 2, bytes: "layer".length + "image".length };
    expect(await collectGarbage(store, { ...options, dryRun: true })).toEqual(report);
    expect(await files(store)).toHaveLength(2);
    expect(await collectGarbage(store, options)).toEqual(report);
    expect(await files(store)).toEqual([]);
  });

  test("keeps what is within its grace, and what was asked for meanwhile", async () => {
    await using store = await openStore();
    await pushBlob(store, "a", "pushed");
    await later();
    expect(await collectGarbage(store, { grace: 60_000 })).toEqual(nothing);

    const asked = await muchLater();
    expect(store.findBlob("a", digestOf("pushed"))).toBeDefined();
    expect(await collectGarbage(store, { grace: ageBetween(asked) })).toEqual(nothing);
    await muchLater();
    expect(await collectGarbage(store, { grace: 50 })).toMatchObject({ links: 1, blobs: 1 });
  });

  test("takes what it finds at the start as just asked for, but not when nobody was there to ask", async () => {
    await using directory = await tempDirectory();
    const open = async () =>
      await openRegistryStore({
        directory: directory.path,
        sync: "never",
        membership: "repository",
        onWarning: () => undefined,
      });
    {
      await using store = await open();
      await pushBlob(store, "a", "old");
    }
    const opened = await muchLater();
    await using store = await open();
    const grace = ageBetween(opened);
    expect(await collectGarbage(store, { grace })).toEqual(nothing);
    expect(await collectGarbage(store, { grace: 60_000, offline: true })).toEqual(nothing);
    expect(await collectGarbage(store, { grace, offline: true })).toMatchObject({ blobs: 1 });
  });

  test("keeps manifests without a tag unless told otherwise", async () => {
    await using store = await openStore();
    await pushManifest(store, "a", "untagged");
    await later();
    expect(await collectGarbage(store, { grace: 0 })).toEqual(nothing);
    expect(await collectGarbage(store, { grace: 0, untagged: { olderThan: 60_000 } })).toEqual(
      nothing,
    );
    expect(await collectGarbage(store, { grace: 0, untagged: { olderThan: 0 } })).toMatchObject({
      manifests: 1,
      blobs: 1,
    });
  });

  test("keeps what a tag leads to: children of indexes, signatures, and signatures of children", async () => {
    await using store = await openStore();
    const child = await pushManifest(store, "a", "child");
    const inner = await pushManifest(store, "a", "inner", { content: [child] });
    const index = await pushManifest(store, "a", "index", { content: [inner], tags: ["1"] });
    await pushManifest(store, "a", "signature", { subject: child });
    await pushManifest(store, "a", "signature of index", { subject: index });
    // These go: nothing leads to them, or only each other.
    const lone = await pushManifest(store, "a", "lone");
    await pushManifest(store, "a", "signature of lone", { subject: lone });
    await pushManifest(store, "a", "old index", { content: [lone] });
    await pushManifest(store, "a", "signature of nothing", { subject: digestOf("nothing") });
    await later();
    const options = { grace: 0, untagged: { olderThan: 0 } };
    expect(await collectGarbage(store, options)).toMatchObject({ manifests: 4, blobs: 4 });
    expect([...store.metadata.manifests("a")].map(({ digest }) => digest).toSorted()).toEqual(
      ["child", "inner", "index", "signature", "signature of index"]
        .map((name) => digestOf(name))
        .toSorted(),
    );
  });

  test("counts the time of a manifest from when its last tag went", async () => {
    await using store = await openStore();
    await pushManifest(store, "a", "one", { tags: ["latest"] });
    const replaced = await muchLater();
    await pushManifest(store, "a", "two", { tags: ["latest"] });
    await later();
    const collect = async (olderThan: number) =>
      await collectGarbage(store, { grace: 0, untagged: { olderThan } });
    expect(await collect(ageBetween(replaced))).toMatchObject({ manifests: 0 });
    await muchLater();
    expect(await collect(50)).toMatchObject({ manifests: 1 });
    expect(store.metadata.findTag("a", "latest")?.digest).toBe(digestOf("two"));
  });

  test("follows manifests that all lead to all the next ones, and very long chains", async () => {
    await using store = await openStore();
    let level: Digest[] = [];
    for (let depth = 0; depth < 40; depth++) {
      const next = [];
      for (const side of ["left", "right"]) {
        next.push(await pushManifest(store, "a", `${side} ${depth}`, { content: level }));
      }
      level = next;
    }
    let chain: Digest | undefined;
    for (let depth = 0; depth < 3000; depth++) {
      const content = chain === undefined ? level : [chain];
      chain = digestOf(`chain ${depth}`);
      const record = { digest: chain, size: 1, mediaType: mediaTypes.ociIndex, content };
      await store.metadata.putManifest("a", record, depth === 2999 ? ["top"] : []);
    }
    await later();
    const collect = async () =>
      await collectGarbage(store, { grace: 0, untagged: { olderThan: 0 } });
    expect(await collect()).toMatchObject({ manifests: 0 });
    await store.metadata.deleteTag("a", "top");
    await later();
    expect(await collect()).toMatchObject({ manifests: 3080 });
  });

  test("keeps what images need where repositories share all blobs", async () => {
    await using store = await openStore("shared");
    const layer = (await storeBlob(store.blobs, bytesOf("layer"))).digest;
    await storeBlob(store.blobs, bytesOf("garbage"));
    await pushManifest(store, "a", "image", { tags: ["1"], content: [layer] });
    await later();
    expect(await collectGarbage(store, { grace: 0 })).toMatchObject({ blobs: 1 });
    expect(store.findBlob("b", layer)?.digest).toBe(layer);
  });

  test("keeps what others named in index.json", async () => {
    await using directory = await tempDirectory();
    {
      using layout = await openLayout(directory.path, { durable: false });
      const image = await storeSampleImage(layout.blobs);
      await layout.update(new Map([["no tag of a repository", image]]));
      await storeSampleImage(layout.blobs, { text: "without a name" });
    }
    await using store = await openRegistryStore({
      directory: directory.path,
      sync: "never",
      membership: "repository",
      onWarning: () => undefined,
    });
    await later();
    expect(await collectGarbage(store, { grace: 0 })).toMatchObject({ blobs: 3 });
    expect(await files(store)).toHaveLength(3);
  });

  test("runs once at a time, and ends when it is told to", async () => {
    await using store = await openStore();
    await pushBlob(store, "a", "left over");
    await later();
    const first = collectGarbage(store, { grace: 0 });
    expect(await rejection(collectGarbage(store, { grace: 0 }))).toMatchObject({
      message: expect.stringContaining("already"),
    });
    expect(await first).toMatchObject({ blobs: 1 });
    await pushBlob(store, "a", "left over");
    await later();
    const signal = AbortSignal.abort(new Error("enough"));
    expect(await rejection(collectGarbage(store, { grace: 0, signal }))).toMatchObject({
      message: "enough",
    });
    expect(await files(store)).toHaveLength(1);
  });

  test("lets a file go that is being sent, which is sent to its end", async () => {
    await using store = await openStore();
    using registry = createRegistry({ store });
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => await registry.fetch(request),
    });
    try {
      const text = "0123456789abcdef".repeat(2 ** 21);
      const digest = await pushBlob(store, "a", text);
      const response = await fetch(`http://127.0.0.1:${server.port}/v2/a/blobs/${digest}`);
      const reader = response.body?.getReader();
      const hasher = new Bun.CryptoHasher("sha256");
      hasher.update((await reader?.read())?.value ?? new Uint8Array());
      await later();
      expect(await collectGarbage(store, { grace: 0 })).toMatchObject({ blobs: 1 });
      expect(await files(store)).toEqual([]);
      for (;;) {
        const next = await reader?.read();
        if (next?.value === undefined) break;
        hasher.update(next.value);
      }
      expect(`sha256:${hasher.digest("hex")}`).toBe(digest);
    } finally {
      await server.stop(true);
    }
  });
});

/** Stores that let things happen in other orders: writes that take long, a collection that takes long, neither. */
const stores: readonly {
  readonly name: string;
  readonly sync: "always" | "never";
  readonly filler: number;
}[] = [
  { name: "that is not synced", sync: "never", filler: 0 },
  { name: "that is synced", sync: "always", filler: 0 },
  { name: "that is synced and big", sync: "always", filler: 2000 },
];

describe.each(stores)("garbage collection of a store $name, in use", ({ sync, filler }) => {
  test("never takes what a push was told to be there, however eager it is", async () => {
    await using directory = await tempDirectory();
    await using store = await openRegistryStore({
      directory: directory.path,
      sync,
      membership: "repository",
      onWarning: (message) => expect().fail(message),
    });
    await fill(store, filler);
    const errors: Error[] = [];
    using registry = createRegistry({ store, onError: (error) => errors.push(error) });
    const stop = new AbortController();
    const collecting = collectUntil(store, stop.signal);
    const counts = await Promise.all(
      [0, 1, 2, 3].map(async (id) => await pushEagerly((request) => registry.fetch(request), id)),
    );
    stop.abort();
    expect(await collecting).toBeGreaterThan(0);
    expect(errors).toEqual([]);
    expect(counts.reduce((sum, pushed) => sum + pushed, 0)).toBeGreaterThan(0);
    // Everything that a manifest needs is there, with its bytes.
    for (const repository of ["r0", "r1", "r2"]) {
      for (const { digest, content } of store.metadata.manifests(repository)) {
        for (const part of [digest, ...content]) {
          expect(await readBlob(store.blobs, part, 10_000)).toBeDefined();
        }
      }
    }
  }, 30_000);
});

test("an index that is pushed in between keeps its children, which were about to go", async () => {
  await using store = await openStore();
  const child = await pushManifest(store, "a", "child");
  await later();
  const { metadata } = store.garbage;
  const index = { digest: digestOf("index"), size: 1, mediaType: mediaTypes.ociIndex };
  let looks = 0;
  const garbage = {
    ...store.garbage,
    metadata: {
      ...metadata,
      untaggedSince(repository: string, digest: Digest) {
        // The second look is the last one.
        if (++looks === 2)
          void store.metadata.putManifest("a", { ...index, content: [child] }, ["1"]);
        return metadata.untaggedSince(repository, digest);
      },
    },
  };
  const options = { grace: 0, untagged: { olderThan: 0 } };
  expect(await collectGarbage({ ...store, garbage }, options)).toEqual(nothing);
  expect(looks).toBeGreaterThan(1);
  expect(metadata.findManifest("a", child)?.digest).toBe(child);
  expect(await readBlob(store.blobs, child, 100)).toBeDefined();
});

/** Manifests that stay, with much to look at. */
async function fill(store: OpenRegistryStore, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const content = Array.from({ length: 10 }, (_, layer) => digestOf(`layer ${i} ${layer}`));
    const record = { digest: digestOf(`filler ${i}`), size: 1, mediaType: mediaTypes.ociManifest };
    void store.metadata.putManifest("filler", { ...record, content }, [`t${i}`]);
  }
  await store.metadata.settled();
}

/** Collects all the time, without any grace. How many blobs that were. */
async function collectUntil(store: OpenRegistryStore, signal: AbortSignal): Promise<number> {
  let blobs = 0;
  while (!signal.aborted) blobs += (await collectGarbage(store, { grace: 0 })).blobs;
  return blobs;
}

/** Pushes images that others push, too, and images that nobody else does; fails when something is not as it was told. */
async function pushEagerly(
  handle: (request: Request) => Promise<Response>,
  id: number,
): Promise<number> {
  const send = async (
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<Response> =>
    await handle(
      new Request(`http://127.0.0.1${path}`, {
        method,
        ...(body === undefined ? {} : { body }),
        headers: path.includes("/manifests/") ? { "Content-Type": mediaTypes.ociManifest } : {},
      }),
    );
  let pushed = 0;
  for (let round = 0; round < 60; round++) {
    const layer = round % 2 === 0 ? `layer ${(id + round) % 5}` : `layer of ${id} ${round}`;
    const digest = digestOf(layer);
    const blobs = `/v2/r${round % 3}/blobs`;
    const mounted = await send(
      "POST",
      `${blobs}/uploads/?mount=${digest}&from=r${(round + 1) % 3}`,
    );
    if (mounted.status !== 201) {
      expect((await send("POST", `${blobs}/uploads/?digest=${digest}`, layer)).status).toBe(201);
    }
    const config = `${blobs}/uploads/?digest=${digestOf("{}")}`;
    expect((await send("POST", config, "{}")).status).toBe(201);
    const manifest = json({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: digestOf("{}"), size: 2 },
      layers: [{ mediaType: "text/plain", digest, size: layer.length }],
      annotations: { round: `${id} ${round}` },
    });
    const manifests = `/v2/r${round % 3}/manifests`;
    const answer = await send("PUT", `${manifests}/t${id}`, manifest);
    // Without any grace the layers may have gone before their manifest came: then it is refused, never broken.
    if (answer.status === 400) continue;
    expect(answer.status).toBe(201);
    pushed++;
    expect(await (await send("GET", `${blobs}/${digest}`)).text()).toBe(layer);
    expect(await (await send("GET", `${manifests}/t${id}`)).bytes()).toEqual(manifest);
    if (round % 3 !== 0) continue;
    expect((await send("DELETE", `${manifests}/${digestOf(manifest)}`)).status).toBe(202);
  }
  return pushed;
}
