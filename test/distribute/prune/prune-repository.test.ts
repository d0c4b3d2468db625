import { describe, expect, test } from "bun:test";
import { imageTime } from "../../../src/distribute/prune/image-time.ts";
import { applyPrune, planPrune, type PrunePlan } from "../../../src/distribute/prune/plan-prune.ts";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { storeAs, storeImage, storeIndex, storeLayer } from "../support/made-image.ts";
import { type WatchedRegistry, watchedRegistry } from "../support/watched-registry.ts";

const options = { rules: { keepLast: 1 }, now: Date.now(), declared: new Set<string>() };

async function image({ layout: { blobs } }: WatchedRegistry): Promise<Descriptor> {
  return await storeImage(blobs, [await storeLayer(blobs)]);
}

/** `app` with an image a day, the oldest first; their descriptors. */
async function days(registry: WatchedRegistry, count: number): Promise<Descriptor[]> {
  const made: Descriptor[] = [];
  for (let day = 1; day <= count; day++) {
    const index = await storeIndex(registry.layout.blobs, [await image(registry)]);
    await registry.publish(`app:20990101-00000${day}`, index);
    made.push(index);
  }
  return made;
}

async function apply(registry: WatchedRegistry, plan: PrunePlan): Promise<string[]> {
  const done = await Array.fromAsync(applyPrune(registry.remote, plan));
  return done.map(({ reference }) => reference);
}

const tagsOf = async ({ remote }: WatchedRegistry): Promise<string[]> =>
  (await Array.fromAsync(remote.tags("app", "empty"))).toSorted();

describe("pruning a repository", () => {
  test("deletes the oldest first, and then finds nothing more", async () => {
    await using registry = await watchedRegistry();
    await days(registry, 3);
    const gone = await apply(registry, await planPrune(registry.remote, "app", options));
    expect(gone).toEqual(["20990101-000001", "20990101-000002"]);
    expect(await tagsOf(registry)).toEqual(["20990101-000003"]);
    expect(await apply(registry, await planPrune(registry.remote, "app", options))).toEqual([]);
    expect(await apply(registry, await planPrune(registry.remote, "none", options))).toEqual([]);
  });

  test("leaves a tag alone that has moved since, and all that it stands for now", async () => {
    await using registry = await watchedRegistry();
    const [, second = await image(registry)] = await days(registry, 4);
    const plan = await planPrune(registry.remote, "app", options);
    // The first tag has moved to an image that is to go.
    await registry.publish("app:20990101-000001", second);
    expect(await apply(registry, plan)).toEqual(["20990101-000002", "20990101-000003"]);
    expect(await tagsOf(registry)).toEqual(["20990101-000001", "20990101-000004"]);
    const { descriptor } = await registry.remote.manifest("app", "20990101-000001");
    expect(descriptor.digest).toBe(second.digest);
  });

  test("leaves an image alone that has got another tag since", async () => {
    await using registry = await watchedRegistry();
    const [first = await image(registry)] = await days(registry, 2);
    const plan = await planPrune(registry.remote, "app", options);
    await registry.publish("app:keep", first);
    await apply(registry, plan);
    expect(await tagsOf(registry)).toEqual(["20990101-000002", "keep"]);
    expect((await registry.remote.manifest("app", "keep")).descriptor.digest).toBe(first.digest);
  });

  test("keeps the subject of an artifact that has a tag and stays", async () => {
    await using registry = await watchedRegistry();
    const [first = await image(registry)] = await days(registry, 1);
    const { blobs } = registry.layout;
    const sbom = await storeImage(blobs, [await storeLayer(blobs)], {
      subject: first,
      artifactType: "application/spdx+json",
    });
    await registry.publish("app:20990101-000009-sbom", sbom);
    await apply(registry, await planPrune(registry.remote, "app", options));
    expect(await tagsOf(registry)).toEqual(["20990101-000009-sbom"]);
    expect(await registry.remote.headManifest("app", first.digest)).toBeDefined();
  });
});

describe("the time of an image", () => {
  const created = (time: string): Record<string, string> => ({
    "org.opencontainers.image.created": time,
  });
  const at = (time: string): number => Date.parse(time);

  async function timeOf(
    config: unknown,
    known: { tags?: string[]; modified?: number[]; own?: string; attached?: string } = {},
  ): Promise<unknown> {
    await using registry = await watchedRegistry();
    const { blobs } = registry.layout;
    const manifest = await storeAs(blobs, mediaTypes.ociManifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: await storeAs(blobs, mediaTypes.ociConfig, config),
      layers: [],
    });
    const index = await storeAs(blobs, mediaTypes.ociIndex, {
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [manifest],
      ...(known.own === undefined ? {} : { annotations: created(known.own) }),
    });
    await registry.publish("app:1", index);
    const referrer = { mediaType: mediaTypes.ociManifest, digest: digestOf("r"), size: 1 };
    return await imageTime(registry.remote, "app", {
      tags: known.tags ?? ["1"],
      modified: known.modified ?? [],
      manifest: (await registry.remote.manifest("app", index.digest)).manifest,
      referrers:
        known.attached === undefined ? [] : [{ ...referrer, annotations: created(known.attached) }],
    });
  }

  const built = { created: "2026-01-01T00:00:00Z" };

  test("is that of its build where nothing else is known", async () => {
    expect(await timeOf(built)).toEqual({ at: at("2026-01-01T00:00:00Z"), from: "built" });
    expect(await timeOf(built, { own: "2026-02-01T00:00:00Z" })).toEqual({
      at: at("2026-02-01T00:00:00Z"),
      from: "built",
    });
  });

  test("is the newest of those that are known", async () => {
    const tags = ["1", "20260301-000000"];
    expect(await timeOf(built, { tags })).toEqual({
      at: at("2026-03-01T00:00:00Z"),
      from: "pushed",
    });
    expect(await timeOf(built, { tags, attached: "2026-04-01T00:00:00Z" })).toMatchObject({
      at: at("2026-04-01T00:00:00Z"),
    });
    expect(await timeOf(built, { modified: [5, at("2026-05-01T00:00:00Z")], tags })).toMatchObject({
      at: at("2026-05-01T00:00:00Z"),
    });
    // Something old that is attached does not make it older.
    expect(await timeOf(built, { attached: "2025-01-01T00:00:00Z" })).toMatchObject({
      at: at("2026-01-01T00:00:00Z"),
    });
  });

  test("is unknown where nothing tells it", async () => {
    expect(await timeOf({})).toBeUndefined();
    expect(await timeOf({ created: "today" })).toBeUndefined();
    expect(await timeOf(new TextEncoder().encode("no JSON"))).toBeUndefined();
  });
});
