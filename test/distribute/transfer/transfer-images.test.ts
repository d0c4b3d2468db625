import { describe, expect, test } from "bun:test";
import { HiveError } from "../../../src/base/hive-error.ts";
import type {
  ImageTransfer,
  TransferResult,
} from "../../../src/distribute/transfer/image-transfer.ts";
import { layoutSource } from "../../../src/distribute/transfer/layout-source.ts";
import { registrySource } from "../../../src/distribute/transfer/registry-source.ts";
import { transferImages } from "../../../src/distribute/transfer/transfer-images.ts";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { parseDigest } from "../../../src/oci/digest.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import type { UntimedTransferEvent } from "../../../src/progress/transfer/transfer-event.ts";
import { connect } from "../../remote/support/connect.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { storeAs, storeImage, storeIndex, storeLayer } from "../support/made-image.ts";
import { type WatchedRegistry, watchedRegistry } from "../support/watched-registry.ts";

type Options = Partial<Parameters<typeof transferImages>[1]>;

async function run(
  transfers: readonly ImageTransfer[],
  options: Options = {},
): Promise<(TransferResult | Error)[]> {
  const signal = new AbortController().signal;
  return await transferImages(transfers, {
    parallel: 4,
    dryRun: false,
    emit: () => undefined,
    signal,
    ...options,
  });
}

/** The results; a failure is that of the test. */
async function done(
  transfers: readonly ImageTransfer[],
  options: Options = {},
): Promise<TransferResult[]> {
  return (await run(transfers, options)).map((result) => {
    if (result instanceof Error) throw result;
    return result;
  });
}

async function failed(transfers: readonly ImageTransfer[]): Promise<HiveError> {
  const error = (await run(transfers)).find((result) => result instanceof Error);
  if (error instanceof HiveError) return error;
  throw new Error("Nothing failed");
}

function copy(
  from: WatchedRegistry,
  to: WatchedRegistry,
  reference: string,
  more: Partial<ImageTransfer> = {},
): ImageTransfer {
  const [repository = "", tag = ""] = reference.split(":");
  return {
    source: registrySource(from.remote),
    from: { repository, reference: tag },
    destination: to.remote,
    to: { repository, tags: [tag] },
    referrers: false,
    ...more,
  };
}

const starting = (method: string, { requests }: WatchedRegistry): string[] =>
  requests.filter((request) => request.startsWith(`${method} `));
const uploads = (registry: WatchedRegistry): string[] =>
  starting("PUT", registry).filter((request) => request.includes("/blobs/uploads/"));
const written = (registry: WatchedRegistry): string[] =>
  starting("PUT", registry).filter((request) => request.includes("/manifests/"));

async function published(
  registry: WatchedRegistry,
  name: string,
  sizes: readonly number[] = [3000, 2000],
): Promise<{ index: Descriptor; images: Descriptor[]; layers: Descriptor[] }> {
  const { blobs } = registry.layout;
  const layers = await Promise.all(sizes.map((size) => storeLayer(blobs, size)));
  const images = [
    await storeImage(blobs, layers),
    await storeImage(blobs, [...layers, await storeLayer(blobs)], { architecture: "arm64" }),
  ];
  const index = await storeIndex(blobs, images);
  await registry.publish(name, index);
  return { index, images, layers };
}

describe("transferImages()", () => {
  test("brings an index with all it has, blobs first and tags last, and then costs a HEAD on each side", async () => {
    await using from = await watchedRegistry();
    await using to = await watchedRegistry();
    const { index, images } = await published(from, "team/app:1.0");
    const events: UntimedTransferEvent[] = [];
    const transfer = copy(from, to, "team/app:1.0", {
      to: { repository: "other/app", tags: ["1.0", "latest"] },
    });
    const [result] = await done([transfer], { emit: (event) => events.push(event) });
    expect(result).toEqual({
      name: `${to.address}/other/app`,
      digest: index.digest,
      changed: true,
      tags: [
        { tag: "1.0", changed: true },
        { tag: "latest", changed: true },
      ],
      bytes: { sent: expect.any(Number), mounted: 0, there: 5000 },
    });
    expect((await to.remote.manifest("other/app", "latest")).descriptor.digest).toBe(index.digest);
    const order = starting("PUT", to).map((request) =>
      request.includes("/blobs/") ? "blob" : request.replace("PUT /v2/other/app/manifests/", ""),
    );
    expect(order.slice(-2)).toEqual(["1.0", "latest"]);
    // An image may be whole while blobs of the other one still move.
    expect(order.slice(0, -2).toSorted()).toEqual(
      ["blob", "blob", "blob", "blob", "blob", ...images.map(({ digest }) => digest)].toSorted(),
    );
    expect(events.filter(({ type }) => type === "blob.start")).toHaveLength(5);
    expect(events.at(0)).toEqual({ type: "transfer.plan", images: 1 });
    expect(events.at(1)).toMatchObject({ type: "image.start", to: `${to.address}/other/app:1.0` });
    expect(events.at(-1)).toMatchObject({
      type: "image.done",
      changed: true,
      bytes: result?.bytes.sent,
    });

    from.requests.length = 0;
    to.requests.length = 0;
    const [again] = await done([{ ...transfer, to: { ...transfer.to, tags: ["1.0"] } }]);
    expect(again?.tags).toEqual([{ tag: "1.0", changed: false }]);
    expect(from.requests).toEqual(["HEAD /v2/team/app/manifests/1.0"]);
    expect(to.requests).toEqual(["HEAD /v2/other/app/manifests/1.0"]);

    to.requests.length = 0;
    await done([{ ...transfer, to: { ...transfer.to, tags: ["1.0", "stable"] } }]);
    expect(to.requests.toSorted()).toEqual([
      "HEAD /v2/other/app/manifests/1.0",
      "HEAD /v2/other/app/manifests/stable",
      "PUT /v2/other/app/manifests/stable",
    ]);
  });

  test("sends what several images have once, and mounts it from one repository into the next", async () => {
    await using from = await watchedRegistry();
    await using to = await watchedRegistry();
    const { blobs } = from.layout;
    const base = await storeLayer(blobs, 100_000);
    const names = ["base:1", "app:1", "app:2", "tool:1"];
    for (const name of names) {
      await from.publish(name, await storeImage(blobs, [base, await storeLayer(blobs)]));
    }
    const results = await done(names.map((name) => copy(from, to, name)));
    const sent = results.reduce((sum, { bytes }) => sum + bytes.sent, 0);
    const mounted = results.reduce((sum, { bytes }) => sum + bytes.mounted, 0);
    expect(uploads(to)).toHaveLength(1 + 2 * names.length);
    expect(sent).toBeLessThan(120_000);
    expect(mounted).toBe(2 * base.size);
    for (const name of names) {
      const [repository = "", tag = ""] = name.split(":");
      const there = await to.remote.manifest(repository, tag);
      expect(there.bytes).toEqual((await from.remote.manifest(repository, tag)).bytes);
    }
  });

  test("asks less of a repository that lacked what was looked for before", async () => {
    await using from = await watchedRegistry();
    await using to = await watchedRegistry();
    const { blobs } = from.layout;
    // More than are under way at a time.
    const tags = Array.from({ length: 20 }, (_, at) => `${at}`);
    for (const tag of tags) {
      await from.publish(`app:${tag}`, await storeImage(blobs, [await storeLayer(blobs)]));
    }
    const transfers = tags.map((tag) => copy(from, to, `app:${tag}`));
    const first = await done(transfers);
    const ofTag = (tag: string): string[] =>
      from.requests.filter((request) => request.endsWith(`/manifests/${tag}`));
    expect(ofTag("0")).toEqual(["HEAD /v2/app/manifests/0"]);
    expect(ofTag("19")).toEqual(["GET /v2/app/manifests/19"]);
    const last = first.at(-1)?.digest ?? "";
    expect(to.requests.filter((request) => request.endsWith(last))).toEqual([]);
    expect((await to.remote.headManifest("app", "19"))?.digest).toBe(parseDigest(last));

    from.requests.length = 0;
    await done(transfers);
    expect(from.requests.every((request) => request.startsWith("HEAD "))).toBe(true);
  });

  test("does without mounts where a registry does not know them", async () => {
    await using from = await watchedRegistry();
    await using to = await watchedRegistry({
      answer: (request) => {
        const url = new URL(request.url);
        if (!url.searchParams.has("mount")) return undefined;
        const location = `${url.pathname}${crypto.randomUUID()}`;
        return new Response(null, { status: 202, headers: { Location: location } });
      },
    });
    const { blobs } = from.layout;
    const base = await storeLayer(blobs);
    const names = ["a:1", "b:1", "c:1"];
    for (const name of names) {
      await from.publish(name, await storeImage(blobs, [base, await storeLayer(blobs)]));
    }
    const results = await done(names.map((name) => copy(from, to, name)));
    expect(results.map(({ bytes }) => bytes.mounted)).toEqual([0, 0, 0]);
    expect(uploads(to)).toHaveLength(9);
  });

  test("mounts between repositories of one registry, and from where a transfer says it may be", async () => {
    await using registry = await watchedRegistry();
    const { index } = await published(registry, "ci/app:1");
    const [promoted] = await done([
      copy(registry, registry, "ci/app:1", { to: { repository: "prod/app", tags: ["1"] } }),
    ]);
    expect(promoted?.bytes.sent).toBe(0);
    expect(uploads(registry)).toEqual([]);
    expect((await registry.remote.manifest("prod/app", "1")).descriptor.digest).toBe(index.digest);

    await using other = await watchedRegistry();
    await published(other, "elsewhere:1");
    const [named] = await done([
      copy(registry, other, "ci/app:1", { to: { repository: "first", tags: ["1"] } }),
    ]);
    expect(named?.bytes.mounted).toBe(0);
    const [second] = await done([
      copy(registry, other, "ci/app:1", {
        to: { repository: "second", tags: ["1"] },
        mountFrom: ["elsewhere", "first"],
      }),
    ]);
    expect(second?.bytes.sent).toBe(0);
  });

  test("only changes a tag where source and destination are the same repository", async () => {
    await using registry = await watchedRegistry();
    const { index } = await published(registry, "app:1");
    await done([copy(registry, registry, "app:1", { to: { repository: "app", tags: ["2"] } })]);
    expect(starting("POST", registry)).toEqual([]);
    expect(written(registry)).toEqual(["PUT /v2/app/manifests/2"]);
    expect((await registry.remote.headManifest("app", "2"))?.digest).toBe(index.digest);
  });

  test("moves no more blobs at a time than it may, the big ones first", async () => {
    await using from = await watchedRegistry();
    await using to = await watchedRegistry();
    const sizes = [1000, 90_000, 5000, 30_000, 70_000];
    await published(from, "app:1", sizes);
    const blobs = sizes.length + 3;
    let looked = 0;
    let moving = 0;
    let most = 0;
    const started: number[] = [];
    const { remote } = to;
    const destination: typeof remote = {
      ...remote,
      async hasBlob(...args) {
        const found = await remote.hasBlob(...args);
        looked += 1;
        return found;
      },
      async writeBlob(...args) {
        most = Math.max(most, ++moving);
        started.push(args[1].size);
        // Until all wait for their turn, which of them is first is chance.
        await waitUntil("all blobs were looked for", 30_000, () => looked === blobs || undefined);
        await remote.writeBlob(...args);
        moving -= 1;
      },
    };
    await done([copy(from, to, "app:1", { destination })], { parallel: 2 });
    expect(most).toBe(2);
    expect(started).toHaveLength(blobs);
    expect(started.slice(2)).toEqual(started.slice(2).toSorted((one, other) => other - one));
  });

  test("one failure keeps no other image from going on, and what it had brought is not sent again", async () => {
    let isBroken = true;
    await using from = await watchedRegistry();
    const { layers } = await published(from, "app:1", [5000, 4000]);
    const [bad] = layers;
    await published(from, "fine:1");
    await using to = await watchedRegistry({
      answer: (request) =>
        isBroken && request.method === "PUT" && request.url.includes(bad?.digest.slice(7) ?? "-")
          ? new Response(null, { status: 403 })
          : undefined,
    });
    const transfers = [copy(from, to, "app:1"), copy(from, to, "fine:1")];
    const [app, fine] = await run(transfers);
    expect(fine).toMatchObject({ tags: [{ tag: "1", changed: true }] });
    if (!(app instanceof HiveError)) throw new Error("It did not fail");
    expect(app.message).toStartWith(`Cannot copy ${from.address}/app:1 to ${to.address}/app:1: `);
    expect(written(to).some((request) => request.includes("/app/"))).toBe(false);

    isBroken = false;
    to.requests.length = 0;
    const [again] = await done(transfers);
    expect(again?.bytes.sent).toBe(5000);
    expect(uploads(to)).toHaveLength(1);
  });

  test("two images with the same blob from two places: the second place does when the first fails", async () => {
    await using broken = await watchedRegistry({
      answer: ({ method, url }) =>
        method === "GET" && url.includes("/blobs/")
          ? new Response(null, { status: 404 })
          : undefined,
    });
    await using whole = await watchedRegistry();
    await using to = await watchedRegistry();
    for (const registry of [broken, whole]) {
      const { blobs } = registry.layout;
      const layer = await storeAs(blobs, "application/vnd.oci.image.layer.v1.tar", { a: 1 });
      await registry.publish("app:1", await storeImage(blobs, [layer]));
    }
    const second = copy(whole, to, "app:1", { to: { repository: "app", tags: ["2"] } });
    const [first, other] = await run([copy(broken, to, "app:1"), second]);
    expect(other).toMatchObject({ tags: [{ tag: "2", changed: true }] });
    expect(first === undefined).toBe(false);
    expect((await to.remote.headManifest("app", "2"))?.digest).toBeDefined();
  });

  test("knows nested indexes, attestations, caches with layers in the index, and layers that are elsewhere", async () => {
    await using from = await watchedRegistry();
    await using to = await watchedRegistry();
    const { blobs } = from.layout;
    const image = await storeImage(blobs, [await storeLayer(blobs)]);
    const attestation = {
      ...(await storeImage(blobs, [await storeAs(blobs, "application/vnd.in-toto+json", {})])),
      platform: { os: "unknown", architecture: "unknown" },
      annotations: { "vnd.docker.reference.digest": image.digest },
    };
    const foreign = {
      mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
      digest: parseDigest(`sha256:${"0".repeat(64)}`),
      size: 5,
      urls: ["https://example.test/layer"],
    };
    const windows = await storeImage(blobs, [foreign, await storeLayer(blobs)]);
    const inner = await storeIndex(blobs, [image, attestation]);
    const cache = await storeIndex(blobs, [await storeLayer(blobs), await storeLayer(blobs)]);
    const index = await storeIndex(blobs, [inner, windows]);
    const source = layoutSource(from.layout);
    const brought = ({ digest }: Descriptor): ImageTransfer =>
      copy(from, to, "app:1", { source, from: { repository: "app", reference: digest } });
    await done([brought(index), brought(cache)]);
    for (const { digest } of [image, attestation, windows, inner, index, cache]) {
      expect((await to.remote.headManifest("app", digest))?.digest).toBe(digest);
    }
    expect(to.requests.some((request) => request.includes(foreign.digest))).toBe(false);
  });

  test("brings only some platforms, in an index of their own with what attests to them", async () => {
    await using from = await watchedRegistry();
    await using to = await watchedRegistry();
    const { blobs } = from.layout;
    const { images } = await published(from, "plain:1");
    const [amd64, arm64] = images;
    if (amd64 === undefined || arm64 === undefined) throw new Error("There are no images");
    const unknown = { os: "unknown", architecture: "unknown" };
    const attested = async ({ digest }: Descriptor): Promise<Descriptor> => ({
      ...(await storeImage(blobs, [
        await storeAs(blobs, "application/vnd.in-toto+json", { digest }),
      ])),
      platform: unknown,
      annotations: { "vnd.docker.reference.digest": digest },
    });
    const all = [amd64, arm64, await attested(amd64), await attested(arm64)];
    const index = await storeIndex(blobs, all);
    await from.publish("app:1", index);
    await from.publish("single:1", amd64);
    const [some] = await done([copy(from, to, "app:1", { platforms: ["linux/arm64/v8"] })]);
    const { manifest } = await to.remote.manifest("app", "1");
    expect(manifest).toMatchObject({ kind: "index", manifests: [all[1], all[3]] });
    expect(await to.remote.headManifest("app", amd64.digest)).toBeUndefined();
    const [again] = await done([copy(from, to, "app:1", { platforms: ["linux/arm64"] })]);
    expect(again).toMatchObject({ digest: some?.digest, tags: [{ changed: false }] });
    const [whole] = await done([
      copy(from, to, "app:1", { platforms: ["linux/amd64", "linux/arm64"] }),
    ]);
    expect(whole?.digest).toBe(index.digest);

    const [single] = await done([copy(from, to, "single:1", { platforms: ["linux/amd64"] })]);
    expect(single?.digest).toBe(amd64.digest);
    for (const name of ["app:1", "single:1"]) {
      const error = await failed([copy(from, to, name, { platforms: ["linux/s390x"] })]);
      expect([error.kind, error.message]).toEqual([
        "usage",
        expect.stringContaining("it is not for linux/s390x"),
      ]);
      expect(error.hint).toContain("linux/amd64");
    }
  });

  test("brings what refers to an image, to its platforms, and to that, before the tag", async () => {
    await using from = await watchedRegistry();
    await using to = await watchedRegistry();
    const { blobs } = from.layout;
    const { index, images } = await published(from, "app:1");
    const attach = async (subject: Descriptor, artifactType: string): Promise<Descriptor> => {
      const layers = [await storeLayer(blobs, 50)];
      const made = await storeImage(blobs, layers, { subject, artifactType });
      await from.publish("app:x", made);
      await from.remote.deleteTag("app", "x");
      return made;
    };
    const sbom = await attach(images[0] ?? index, "application/spdx+json");
    const signature = await attach(index, "application/signature");
    const signed = await attach(sbom, "application/signature");
    await done([copy(from, to, "app:1", { referrers: true })]);
    const digests = async (subject: Descriptor): Promise<string[]> =>
      (await to.remote.referrers("app", subject.digest)).map(({ digest }) => digest);
    expect(await digests(index)).toEqual([signature.digest]);
    expect(await digests(images[0] ?? index)).toEqual([sbom.digest]);
    expect(await digests(sbom)).toEqual([signed.digest]);
    expect(written(to).at(-1)).toBe("PUT /v2/app/manifests/1");

    const late = await attach(index, "application/late");
    to.requests.length = 0;
    const [again] = await done([copy(from, to, "app:1", { referrers: true })]);
    expect(again?.tags).toEqual([{ tag: "1", changed: false }]);
    expect(written(to)).toEqual([`PUT /v2/app/manifests/${late.digest}`]);
  });

  test("a dry run looks and writes nothing, and says what would move", async () => {
    await using from = await watchedRegistry();
    await using to = await watchedRegistry();
    await published(from, "app:1");
    const transfers = [
      copy(from, to, "app:1"),
      copy(from, to, "app:1", { to: { repository: "b", tags: ["1"] } }),
    ];
    const dry = await done(transfers, { dryRun: true });
    expect(to.requests.some((request) => !request.startsWith("HEAD"))).toBe(false);
    const real = await done(transfers);
    const total = (results: readonly TransferResult[]): number[] => [
      results.reduce((sum, { bytes }) => sum + bytes.sent, 0),
      results.reduce((sum, { bytes }) => sum + bytes.mounted, 0),
    ];
    expect(total(dry)).toEqual(total(real));
    expect(dry.map(({ digest, tags }) => [digest, tags])).toEqual(
      real.map(({ digest, tags }) => [digest, tags]),
    );
  });

  test("takes images and what refers to them from a layout, and says what is wrong with it", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path, { durable: false });
    await using to = await watchedRegistry();
    const { blobs } = layout;
    const layer = await storeLayer(blobs, 300_000);
    const image = await storeImage(blobs, [layer]);
    const sbom = await storeImage(blobs, [await storeLayer(blobs)], { subject: image });
    await Bun.write(
      `${layout.directory}/index.json`,
      JSON.stringify({ schemaVersion: 2, manifests: [sbom] }),
    );
    const transfer = (reference: string): ImageTransfer => ({
      source: layoutSource(layout),
      from: { repository: "app", reference },
      destination: to.remote,
      to: { repository: "app", tags: ["1"] },
      referrers: true,
    });
    await done([transfer(image.digest)]);
    const pulled = to.remote.readBlob("app", layer);
    expect(
      new Bun.CryptoHasher("sha256").update(await new Response(pulled).bytes()).digest("hex"),
    ).toBe(layer.digest.slice(7));
    expect((await to.remote.referrers("app", image.digest))[0]?.digest).toBe(sbom.digest);

    const other = await storeLayer(blobs);
    const broken = await storeImage(blobs, [other]);
    blobs.remove(other.digest);
    const error = await failed([transfer(broken.digest)]);
    expect(error.message).toContain(`the blob ${other.digest} is missing in "${layout.directory}"`);
    expect(error.hint).toContain("Build the image again");
    const missing = await failed([transfer(`sha256:${"0".repeat(64)}`)]);
    expect(missing.message).toContain("there is no app@sha256:");
  });

  test("takes an image of very many layers some at a time: all at once they are the memory of a machine", async () => {
    await using to = await watchedRegistry();
    const { blobs } = to.layout;
    const layers = Array.from({ length: 600 }, () => storeLayer(blobs, 10));
    const { digest } = await storeImage(blobs, await Promise.all(layers));
    let open = 0;
    let most = 0;
    const emit = ({ type }: UntimedTransferEvent): void => {
      if (type === "blob.found") most = Math.max(most, ++open);
      if (type === "blob.done") open--;
    };
    const source = layoutSource({ directory: to.layout.directory, blobs });
    const from = { repository: "app", reference: digest };
    const there = { destination: to.remote, to: { repository: "app", tags: ["1"] } };
    await done([{ source, from, ...there, referrers: false }], { emit });
    expect([most > 100, most < 300, open]).toEqual([true, true, 0]);
  });

  test("says of a source that it sent something else, be the blob small or big, and of a layout that it is damaged", async () => {
    await using to = await watchedRegistry();
    for (const size of [5000, 400_000]) {
      let layer: Descriptor | undefined;
      await using from = await watchedRegistry({
        answer: ({ method, url }) =>
          method === "GET" && url.endsWith(layer?.digest ?? "-")
            ? new Response(Buffer.alloc(size, "x"))
            : undefined,
      });
      const { blobs } = from.layout;
      layer = await storeLayer(blobs, size);
      await from.publish("app:1", await storeImage(blobs, [layer]));
      const error = await failed([copy(from, to, "app:1")]);
      expect(error.message).toContain(
        `${from.address} sent other bytes than those of ${layer.digest}`,
      );
      expect(await to.remote.hasBlob("app", layer)).toBe(false);
      expect(written(to)).toEqual([]);
    }

    await using from = await watchedRegistry();
    const layer = await storeLayer(from.layout.blobs, 400_000);
    const image = await storeImage(from.layout.blobs, [layer]);
    await Bun.write(from.layout.blobs.find(layer.digest)?.path ?? "", Buffer.alloc(400_000, "x"));
    const transfer = copy(from, to, "app:1", {
      source: layoutSource(from.layout),
      from: { repository: "app", reference: image.digest },
    });
    const { message } = await failed([transfer]);
    expect(message).toContain(`the blob ${layer.digest} is damaged in "${from.layout.directory}"`);
  });

  test("stops when it is told to, with nothing under way", async () => {
    const stop = new AbortController();
    await using from = await watchedRegistry();
    await using to = await watchedRegistry({
      answer: ({ method }) => {
        if (method === "POST") stop.abort(new HiveError("interrupted", "Interrupted"));
        return undefined;
      },
    });
    await published(from, "app:1");
    const transfer = {
      ...copy(from, to, "app:1"),
      destination: connect(to.address, { signal: stop.signal }),
    };
    expect(run([transfer], { signal: stop.signal })).rejects.toThrow("Interrupted");
    await run([transfer], { signal: stop.signal }).catch(() => undefined);
    expect(written(to)).toEqual([]);
  });
});
