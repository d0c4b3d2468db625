import { describe, expect, test } from "bun:test";
import {
  type Candidate,
  type PassedPromotion,
  planPromotion,
  type Promotion,
} from "../../../src/distribute/promote/plan-promotion.ts";
import {
  attachRecord,
  hasRecord,
  promotionType,
} from "../../../src/distribute/promote/promotion-record.ts";
import { promotionTransfers } from "../../../src/distribute/promote/promotion-transfers.ts";
import { transferImages } from "../../../src/distribute/transfer/transfer-images.ts";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { type Digest, parseDigest } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { createReferringArtifact } from "../../../src/oci/referring-artifact.ts";
import { putArtifact } from "../../../src/remote/put-artifact.ts";
import { referrersTag } from "../../../src/remote/manifests/referrers-tag.ts";
import { storeAs, storeImage, storeIndex, storeLayer } from "../support/made-image.ts";
import { type WatchedRegistry, watchedRegistry } from "../support/watched-registry.ts";

const candidate: Candidate = {
  from: { repository: "ci/app", tag: "1.2.3" },
  to: {
    repository: "prod/app",
    tag: "1.2.3",
    aliases: [
      { tag: "1.2", from: "1.2" },
      { tag: "latest", from: "latest" },
    ],
  },
};

/** `ci/app:1.2.3` and `1.2`: two platforms. `latest` is another image. */
async function filled(
  registry: WatchedRegistry,
): Promise<{ index: Descriptor; images: Descriptor[] }> {
  const { blobs } = registry.layout;
  const images = [
    await storeImage(blobs, [await storeLayer(blobs, 70_000)]),
    await storeImage(blobs, [await storeLayer(blobs, 80_000)], { architecture: "arm64" }),
  ];
  const index = await storeIndex(blobs, images);
  await registry.publish("ci/app:1.2.3", index);
  await registry.publish("ci/app:1.2", index);
  await registry.publish("ci/app:latest", await storeImage(blobs, [await storeLayer(blobs)]));
  return { index, images };
}

async function attach(
  { remote }: WatchedRegistry,
  subject: Descriptor,
  type: string,
  content: unknown = {},
): Promise<Digest> {
  const artifact = createReferringArtifact({ type, content, subject, annotations: {} });
  await putArtifact(remote, "ci/app", artifact);
  return artifact.digest;
}

async function plan(
  from: WatchedRegistry,
  to: WatchedRegistry,
  {
    require = [],
    replace = false,
    ...more
  }: Partial<Candidate> & { require?: string[]; replace?: boolean } = {},
): Promise<Promotion> {
  const options = { from: from.remote, to: to.remote, require, replace };
  const [promotion] = await planPromotion([{ ...candidate, ...more }], options);
  if (promotion === undefined) throw new Error("There is no promotion");
  return promotion;
}

function passed(promotion: Promotion): PassedPromotion {
  expect(promotion.refusals).toEqual([]);
  const { digest } = promotion;
  if (digest === undefined) throw new Error("There is no image");
  return { ...promotion, digest };
}

async function bring(
  from: WatchedRegistry,
  to: WatchedRegistry,
  promotion: Promotion,
): Promise<void> {
  const [result] = await transferImages(
    promotionTransfers([passed(promotion)], from.remote, to.remote),
    { parallel: 4, dryRun: false, emit: () => undefined, signal: new AbortController().signal },
  );
  if (result instanceof Error) throw result;
}

const details = { promoter: { by: "ann" }, time: new Date(0), version: "1.0.0" };

async function promote(
  from: WatchedRegistry,
  to: WatchedRegistry,
  promotion: Promotion,
): Promise<Digest> {
  await bring(from, to, promotion);
  return await attachRecord(to.remote, passed(promotion), { ...details, from: from.remote.host });
}

const digestAt = async ({ remote }: WatchedRegistry, name: string): Promise<Digest | undefined> => {
  const [repository = "", tag = ""] = name.split(":");
  return (await remote.headManifest(repository, tag))?.digest;
};

describe("a promotion", () => {
  test("brings an image, what is attached to it, and aliases that stand for it", async () => {
    await using ci = await watchedRegistry();
    await using prod = await watchedRegistry();
    const { index, images } = await filled(ci);
    const [amd64 = index] = images;
    const sbom = await attach(ci, amd64, "application/spdx+json");
    const signature = await storeImage(ci.layout.blobs, [await storeLayer(ci.layout.blobs)]);
    const tag = `${referrersTag(index.digest)}.sig`;
    await ci.publish(`ci/app:${tag}`, signature);

    const promotion = await plan(ci, prod, { require: ["signature"] });
    expect(promotion).toMatchObject({
      digest: index.digest,
      isNew: true,
      needsRecord: true,
      aliases: ["1.2"],
      evidence: [{ requirement: "signature", digests: [signature.digest] }],
    });
    const record = await promote(ci, prod, promotion);
    expect(await digestAt(prod, "prod/app:1.2.3")).toBe(index.digest);
    expect(await digestAt(prod, "prod/app:1.2")).toBe(index.digest);
    expect(await digestAt(prod, "prod/app:latest")).toBeUndefined();
    expect(await digestAt(prod, `prod/app:${tag}`)).toBe(signature.digest);
    const referrers = await prod.remote.referrers("prod/app", amd64.digest);
    expect(referrers.map(({ digest }) => digest)).toEqual([sbom]);
    const order = prod.requests.filter((request) =>
      /^PUT .*\/(?:1\.[\d.]+|[^/]+\.sig)$/.test(request),
    );
    expect(order.map((request) => request.replace(/.*\//, ""))).toEqual([tag, "1.2.3", "1.2"]);

    const [attached] = await prod.remote.referrers("prod/app", index.digest);
    expect(attached).toMatchObject({ digest: record, artifactType: promotionType });
    const { manifest } = await prod.remote.manifest("prod/app", record);
    const [layer] = manifest.kind === "image" ? manifest.layers : [];
    if (layer === undefined) throw new Error("The record is empty");
    const bytes = await prod.remote.blob("prod/app", layer);
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual({
      image: `${prod.address}/prod/app:1.2.3`,
      digest: index.digest,
      from: `${ci.address}/ci/app:1.2.3`,
      aliases: ["1.2"],
      by: "ann",
      time: "1970-01-01T00:00:00Z",
      evidence: [{ requirement: "signature", digests: [signature.digest] }],
      tool: "hive 1.0.0",
    });

    expect(await plan(ci, prod)).toMatchObject({ isNew: false, needsRecord: false, aliases: [] });
  });

  test("brings a signature before the tag that it is for", async () => {
    await using ci = await watchedRegistry();
    await using prod = await watchedRegistry();
    const { index, images } = await filled(ci);
    const tag = `${referrersTag(index.digest)}.sig`;
    await ci.publish(`ci/app:${tag}`, images[0] ?? index);
    await bring(ci, prod, await plan(ci, prod));
    const order = prod.requests.filter((request) =>
      /^PUT .*\/(?:1\.2\.3|[^/]+\.sig)$/.test(request),
    );
    expect(order.map((request) => request.replace(/.*\//, ""))).toEqual([tag, "1.2.3"]);
  });

  test("within one registry mounts every blob, and moves no bytes but those of the record", async () => {
    await using registry = await watchedRegistry();
    const { index } = await filled(registry);
    await attach(registry, index, "application/spdx+json", { spdxVersion: "SPDX-2.3" });
    registry.requests.length = 0;
    await promote(registry, registry, await plan(registry, registry, { require: ["sbom"] }));
    const blobs = registry.requests.filter((request) => request.includes("/blobs/"));
    expect(blobs.filter((request) => request.startsWith("GET "))).toEqual([]);
    const mounts = blobs.filter((request) => request.includes("mount="));
    // Two layers, two configurations, and the two blobs of the SBOM.
    expect(mounts).toHaveLength(6);
    for (const mount of mounts) expect(mount).toEndWith("&from=ci%2Fapp");
    // Of the record one is new: its empty configuration is that of the SBOM.
    const sent = blobs.filter((request) => /^(?:PUT|PATCH) /.test(request));
    expect(sent).toHaveLength(1);
    expect(await digestAt(registry, "prod/app:1.2.3")).toBe(index.digest);
  });

  test("brings what it looked at, also when the tag moves meanwhile", async () => {
    await using ci = await watchedRegistry();
    await using prod = await watchedRegistry();
    const { index } = await filled(ci);
    const promotion = await plan(ci, prod);
    const { blobs } = ci.layout;
    await ci.publish("ci/app:1.2.3", await storeImage(blobs, [await storeLayer(blobs)]));
    await promote(ci, prod, promotion);
    expect(await digestAt(prod, "prod/app:1.2.3")).toBe(index.digest);
  });

  test("that broke off before its tag goes on, and one without a record gets it once", async () => {
    let refuse: RegExp | undefined;
    await using ci = await watchedRegistry();
    await using prod = await watchedRegistry({
      answer: ({ method, url }) =>
        method === "PUT" && refuse?.test(url) === true
          ? new Response("no", { status: 400 })
          : undefined,
    });
    const { index } = await filled(ci);
    refuse = /manifests\/1\.2\.3$/;
    const broken = bring(ci, prod, await plan(ci, prod));
    expect((await broken.catch((error: Error) => error))?.message).toContain("400");
    expect(await digestAt(prod, "prod/app:1.2.3")).toBeUndefined();
    expect(await digestAt(prod, "prod/app:1.2")).toBeUndefined();

    refuse = /manifests\/sha256:/;
    const again = await plan(ci, prod);
    expect(again).toMatchObject({ isNew: true, aliases: ["1.2"] });
    const unrecorded = promote(ci, prod, again);
    expect((await unrecorded.catch((error: Error) => error)) instanceof Error).toBe(true);
    expect(await digestAt(prod, "prod/app:1.2")).toBe(index.digest);

    refuse = undefined;
    const last = await plan(ci, prod);
    expect(last).toMatchObject({ isNew: false, needsRecord: true, aliases: [] });
    await promote(ci, prod, last);
    expect(await hasRecord(prod.remote, candidate.to, index.digest)).toBe(true);
    expect(await plan(ci, prod)).toMatchObject({ needsRecord: false });
  });

  test("gets a record of its own where one of another registry came along", async () => {
    await using ci = await watchedRegistry();
    await using middle = await watchedRegistry();
    await using prod = await watchedRegistry();
    const { index } = await filled(ci);
    await promote(ci, middle, await plan(ci, middle));
    const next = { from: candidate.to };
    await bring(middle, prod, await plan(middle, prod, next));
    expect(await plan(middle, prod, next)).toMatchObject({ isNew: false, needsRecord: true });
    await promote(middle, prod, await plan(middle, prod, next));
    const records = await prod.remote.referrers("prod/app", index.digest);
    expect(records.map(({ artifactType }) => artifactType)).toEqual([promotionType, promotionType]);
    expect(await plan(middle, prod, next)).toMatchObject({ needsRecord: false });
  });
});

describe("the gate", () => {
  test("refuses a tag that stands for another image, unless it is told to replace it", async () => {
    await using ci = await watchedRegistry();
    await using prod = await watchedRegistry();
    await filled(ci);
    const { blobs } = prod.layout;
    const other = await storeImage(blobs, [await storeLayer(blobs)]);
    await prod.publish("prod/app:1.2.3", other);
    await prod.publish("prod/app:1.2", other);
    const { refusals } = await plan(ci, prod);
    expect(refusals).toEqual([
      `prod/app:1.2.3 on ${prod.address} is another image, ${other.digest}`,
    ]);
    expect(await plan(ci, prod, { replace: true })).toMatchObject({
      refusals: [],
      isNew: true,
      aliases: ["1.2"],
    });
  });

  test("names all that is missing, and which platforms lack it", async () => {
    await using ci = await watchedRegistry();
    await using prod = await watchedRegistry();
    const { images } = await filled(ci);
    const [, arm64 = parse("")] = images;
    await attach(ci, arm64, "application/spdx+json");
    const { refusals } = await plan(ci, prod, { require: ["sbom", "tests", "application/x.y"] });
    expect(refusals).toEqual([
      'nothing is attached that counts as "sbom" for linux/amd64',
      'nothing is attached that counts as "tests"',
      'nothing is attached that counts as "application/x.y"',
    ]);
    expect((await plan(ci, prod, { from: { repository: "ci/app", tag: "9" } })).refusals).toEqual([
      `there is no ci/app:9 on ${ci.address}`,
    ]);
  });

  test("takes what BuildKit puts beside images, statements of artifacts, and cosign's tags", async () => {
    await using ci = await watchedRegistry();
    await using prod = await watchedRegistry();
    const { blobs } = ci.layout;
    const image = await storeImage(blobs, [await storeLayer(blobs)]);
    const statement = async (predicate: string): Promise<Descriptor> => ({
      ...(await storeAs(blobs, "application/vnd.in-toto+json", { predicate })),
      annotations: { "in-toto.io/predicate-type": predicate },
    });
    const beside = await storeImage(blobs, [await statement("https://slsa.dev/provenance/v0.2")]);
    const index = await storeIndex(blobs, [
      image,
      {
        ...beside,
        platform: { os: "unknown", architecture: "unknown" },
        annotations: {
          "vnd.docker.reference.type": "attestation-manifest",
          "vnd.docker.reference.digest": image.digest,
        },
      },
    ]);
    await ci.publish("ci/app:1.2.3", index);
    const artifact = await storeAs(blobs, mediaTypes.ociManifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType: "application/vnd.in-toto+json",
      config: await storeAs(blobs, "application/vnd.oci.empty.v1+json", {}),
      layers: [await statement("https://spdx.dev/Document")],
      subject: index,
    });
    await ci.publish("ci/app:sbom", artifact);
    const require = ["provenance", "sbom", "signature"];
    expect((await plan(ci, prod, { require })).refusals).toEqual([
      'nothing is attached that counts as "signature"',
    ]);
    await ci.publish(`ci/app:${referrersTag(image.digest)}.sig`, image);
    expect((await plan(ci, prod, { require })).refusals).toEqual([]);
  });

  test("refuses what has failed tests", async () => {
    await using ci = await watchedRegistry();
    await using prod = await watchedRegistry();
    const { index } = await filled(ci);
    await publishReport(
      ci,
      index,
      layerType,
      '<testsuite tests="1"><testcase name="a"/></testsuite>',
    );
    expect((await plan(ci, prod, { require: ["tests"] })).refusals).toEqual([]);
    await publishReport(
      ci,
      index,
      layerType,
      "<testsuite><testcase><failure/></testcase><testcase><error/></testcase></testsuite>",
    );
    expect((await plan(ci, prod, { require: ["tests"] })).refusals).toEqual([
      "2 of its tests failed",
    ]);
    // Only where tests are asked for.
    expect((await plan(ci, prod)).refusals).toEqual([]);
  });

  test.each<[string, string, string | Uint8Array]>([
    ["is too big", "application/junit+xml", new Uint8Array(9 * 1024 * 1024)],
    ["is something else", "application/junit+xml", "<html/>"],
    ["is packed", layerType, Bun.gzipSync("<testsuite/>")],
  ])("refuses what has a report that %s", async (_, mediaType, content) => {
    await using ci = await watchedRegistry();
    await using prod = await watchedRegistry();
    const { index } = await filled(ci);
    await publishReport(ci, index, mediaType, content);
    expect((await plan(ci, prod, { require: ["tests"] })).refusals).toEqual([
      "a report of its tests can't be read",
    ]);
  });

  test("leaves a signature alone that the destination has more of", async () => {
    await using ci = await watchedRegistry();
    await using prod = await watchedRegistry();
    const { index } = await filled(ci);
    const tag = `${referrersTag(index.digest)}.sig`;
    const sign = async (at: WatchedRegistry, name: string): Promise<Descriptor> => {
      const { blobs } = at.layout;
      const signature = await storeImage(blobs, [await storeLayer(blobs)]);
      await at.publish(`${name}:${tag}`, signature);
      return signature;
    };
    await sign(ci, "ci/app");
    const theirs = await sign(prod, "prod/app");
    await promote(ci, prod, await plan(ci, prod));
    expect(await digestAt(prod, `prod/app:${tag}`)).toBe(theirs.digest);
  });
});

/** As clients do that are not told what a file is. */
const layerType = "application/vnd.oci.image.layer.v1.tar";

async function publishReport(
  { layout: { blobs }, ...registry }: WatchedRegistry,
  subject: Descriptor,
  mediaType: string,
  content: string | Uint8Array,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const layer = await storeAs(blobs, mediaType, bytes);
  const artifactType = "application/junit+xml";
  const manifest = await storeImage(blobs, [layer], { subject, artifactType });
  await registry.publish(`ci/app:report-${layer.size}`, manifest);
}

function parse(text: string): Descriptor {
  return { mediaType: "", digest: parseDigest(text), size: 0 };
}
