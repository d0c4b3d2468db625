import { expect, test } from "bun:test";
import { createReferencePublisher } from "../../src/build/publish-references.ts";
import { readBlob } from "../../src/oci/blob-store.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { type ImageLayout, openLayout } from "../../src/oci/layout.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import type { Alias, Target, TargetId } from "../../src/plan/plan.ts";
import { storeSampleImage } from "../oci/support/sample-image.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { sampleTarget } from "./sample-target.ts";

function target(platform: string, listed: readonly string[] = []): Target {
  return sampleTarget("app", {
    id: `app:1 ${platform}` as TargetId,
    platform: parsePlatform(platform),
    listedPlatforms: listed.map((one) => parsePlatform(one)),
  });
}

async function store(
  { blobs }: ImageLayout,
  platform: string,
  text = platform,
): Promise<Descriptor> {
  const { architecture } = parsePlatform(platform);
  const image = await storeSampleImage(blobs, { architecture, text });
  return { ...image, platform: parsePlatform(platform) };
}

type Run = {
  readonly listed?: readonly string[];
  readonly aliases?: readonly Alias[];
  readonly buildId?: string;
};

/** A run that builds `app:1` for these platforms. */
async function build(
  layout: ImageLayout,
  images: Readonly<Record<string, Descriptor>>,
  { listed, aliases = [], buildId }: Run = {},
): Promise<void> {
  const targets = Object.keys(images).map((platform) => target(platform, listed));
  const publisher = createReferencePublisher(layout, { targets, aliases }, buildId);
  for (const one of targets) {
    const image = images[one.id.slice("app:1 ".length)];
    if (image !== undefined) publisher.add(one, image);
  }
  await publisher.flush();
}

/** The digests of an index, or the one of an image. */
async function digestsOf(layout: ImageLayout, name: string): Promise<readonly string[]> {
  const named = await layout.find(name);
  if (named === undefined) return [];
  if (!named.mediaType.includes("index")) return [named.digest];
  const bytes = await readBlob(layout.blobs, named.digest, 10_000);
  const { manifests } = JSON.parse(new TextDecoder().decode(bytes)) as { manifests: Descriptor[] };
  return ["index", ...manifests.map(({ digest }) => digest)];
}

const both = ["linux/amd64", "linux/arm64"];

test("a reference is named once all platforms of the run are there, several as an index in a fixed order", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path);
  const [amd, arm] = [target("linux/amd64", both), target("linux/arm64", both)];
  const publisher = createReferencePublisher(layout, { targets: [amd, arm], aliases: [] });
  const [amdImage, armImage] = [await store(layout, "amd64"), await store(layout, "arm64")];
  publisher.add(arm, armImage);
  await publisher.flush();
  expect(await layout.references()).toEqual([]);
  publisher.add(amd, amdImage);
  await publisher.flush();
  expect(await digestsOf(layout, "app:1")).toEqual(["index", amdImage.digest, armImage.digest]);
});

test("one platform is its image itself, unless the project lists several", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path);
  const amd = await store(layout, "amd64");
  await build(layout, { "linux/amd64": amd });
  expect(await digestsOf(layout, "app:1")).toEqual([amd.digest]);
  await build(layout, { "linux/amd64": amd }, { listed: ["linux/amd64"] });
  expect(await digestsOf(layout, "app:1")).toEqual([amd.digest]);
  await build(layout, { "linux/amd64": amd }, { listed: both });
  expect(await digestsOf(layout, "app:1")).toEqual(["index", amd.digest]);
});

test("a platform that is not built in a run stays as long as the project lists it", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path);
  const [amd, arm] = [await store(layout, "amd64"), await store(layout, "arm64")];
  await build(layout, { "linux/amd64": amd, "linux/arm64": arm }, { listed: both });
  const newer = await store(layout, "arm64", "newer");
  await build(layout, { "linux/arm64": newer }, { listed: both });
  expect(await digestsOf(layout, "app:1")).toEqual(["index", amd.digest, newer.digest]);
  const three = ["linux/amd64", "linux/riscv64", "linux/arm64"];
  await build(layout, { "linux/arm64": arm }, { listed: three });
  expect(await digestsOf(layout, "app:1")).toEqual(["index", amd.digest, arm.digest]);
  await build(layout, { "linux/arm64": arm }, { listed: ["linux/arm64"] });
  expect(await digestsOf(layout, "app:1")).toEqual([arm.digest]);
  // What was the image itself goes into the index when the project lists one more.
  await build(layout, { "linux/amd64": amd }, { listed: both });
  expect(await digestsOf(layout, "app:1")).toEqual(["index", amd.digest, arm.digest]);
});

test("a platform whose image is damaged does not stay", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path);
  const [amd, arm] = [await store(layout, "amd64"), await store(layout, "arm64")];
  await build(layout, { "linux/amd64": amd, "linux/arm64": arm }, { listed: both });
  layout.blobs.remove(amd.digest);
  await build(layout, { "linux/arm64": arm }, { listed: both });
  expect(await digestsOf(layout, "app:1")).toEqual(["index", arm.digest]);
});

test("aliases that the store has follow; others are not made", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path);
  const aliases = ["app:latest", "app:stable"].map((alias) => ({ alias, reference: "app:1" }));
  const [old, newer] = [await store(layout, "amd64"), await store(layout, "amd64", "newer")];
  await layout.update(new Map([["app:latest", old]]));
  await build(layout, { "linux/amd64": newer }, { aliases });
  expect((await layout.references()).map(({ name }) => name)).toEqual(["app:1", "app:latest"]);
  expect((await layout.find("app:latest"))?.digest).toBe(newer.digest);
});

test("a build id makes names of its own", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path);
  const [amd, arm] = [await store(layout, "amd64"), await store(layout, "arm64")];
  await build(layout, { "linux/amd64": amd }, { listed: both });
  await build(layout, { "linux/arm64": arm }, { listed: both, buildId: "7" });
  expect(await digestsOf(layout, "app:1")).toEqual(["index", amd.digest]);
  expect(await digestsOf(layout, "app:1-build.7")).toEqual(["index", arm.digest]);
});
