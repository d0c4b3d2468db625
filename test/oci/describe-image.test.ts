import { describe, expect, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { HiveError } from "../../src/base/hive-error.ts";
import { describeImage } from "../../src/oci/describe-image.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { readManifest } from "../../src/oci/resolve-image.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { storeSampleImage, storeSampleIndex } from "./support/sample-image.ts";

describe("describeImage()", () => {
  test("tells the platforms of an index, and counts each blob once", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path);
    const amd = await storeSampleImage(layout.blobs);
    const arm = await storeSampleImage(layout.blobs, { architecture: "arm64" });
    const one = await describeImage(layout.blobs, { name: "a:1", descriptor: amd });
    expect(one).toMatchObject({ reference: "a:1", digest: amd.digest });
    expect(one.platforms).toEqual(["linux/amd64"]);

    const descriptor = await storeSampleIndex(layout.blobs, [amd, arm]);
    const both = await describeImage(layout.blobs, { name: "a:2", descriptor });
    expect(both.platforms).toEqual(["linux/amd64", "linux/arm64"]);
    // The layer is the same.
    const other = await describeImage(layout.blobs, { name: "a:3", descriptor: arm });
    const layer = await layerSize(layout, amd);
    expect(both.size).toBe(one.size + other.size - layer + descriptor.size);
  });

  test.each(["missing", "damaged"])("names a configuration that is %s", async (how) => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path);
    const descriptor = await storeSampleImage(layout.blobs);
    const manifest = await readManifest(layout.blobs, descriptor);
    if (manifest.kind !== "image") throw new Error("no image");
    const path = layout.blobs.find(manifest.config.digest)?.path ?? "";
    if (how === "missing") await rm(path);
    else await writeFile(path, "{");
    const describing = describeImage(layout.blobs, { name: "a:1", descriptor });
    const error = await describing.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HiveError);
    expect(String(error)).toMatch(new RegExp(`configuration of "a:1": .* is ${how}`));
  });
});

async function layerSize(
  layout: Awaited<ReturnType<typeof openLayout>>,
  image: Parameters<typeof readManifest>[1],
): Promise<number> {
  const manifest = await readManifest(layout.blobs, image);
  return manifest.kind === "image" ? (manifest.layers[0]?.size ?? 0) : 0;
}
