import { expect, test } from "bun:test";
import { createReferencePublisher } from "../../src/build/publish-references.ts";
import { readBlob, storeBlob } from "../../src/oci/blob-store.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import type { TargetId } from "../../src/plan/plan.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { sampleTarget } from "./sample-target.ts";

const one = sampleTarget("one");
const [amd, arm] = ["linux/amd64", "linux/arm64"].map((platform) =>
  sampleTarget("both", { id: `both:1 ${platform}` as TargetId, platform: parsePlatform(platform) }),
) as [typeof one, typeof one];

test("a reference is named once all of its platforms are there, several as an index in a fixed order", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path);
  const store = async (text: string, platform: string): Promise<Descriptor> => {
    const { digest, size } = await storeBlob(layout.blobs, new TextEncoder().encode(text));
    return { mediaType: mediaTypes.ociManifest, digest, size, platform: parsePlatform(platform) };
  };
  const publisher = createReferencePublisher(layout, { targets: [one, amd, arm], aliases: [] });
  const single = await store("{}", "linux/amd64");
  const armImage = await store("{ }", "linux/arm64");
  const amdImage = await store("{  }", "linux/amd64");
  publisher.add(one, single);
  publisher.add(arm, armImage);
  await publisher.flush();
  expect((await layout.references()).map(({ name }) => name)).toEqual(["one:1"]);
  expect((await layout.find("one:1"))?.digest).toBe(single.digest);

  publisher.add(amd, amdImage);
  await publisher.flush();
  const index = await layout.find("both:1");
  if (index === undefined) throw new Error("both:1 was not named");
  const bytes = await readBlob(layout.blobs, index.digest, 10_000);
  const document = JSON.parse(new TextDecoder().decode(bytes)) as { manifests: Descriptor[] };
  expect(document.manifests.map(({ digest }) => digest)).toEqual([
    amdImage.digest,
    armImage.digest,
  ]);
});
