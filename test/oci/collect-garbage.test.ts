import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { storeBlob } from "../../src/oci/blob-store.ts";
import { collectGarbage } from "../../src/oci/collect-garbage.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { storeSampleImage, storeSampleIndex } from "./support/sample-image.ts";

describe("collectGarbage()", () => {
  test("keeps what names lead to, through indexes, and removes the rest", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path);
    const kept = await storeSampleImage(layout.blobs, { text: "kept" });
    const child = await storeSampleImage(layout.blobs, { text: "child" });
    const index = await storeSampleIndex(layout.blobs, [child]);
    const replaced = await storeSampleImage(layout.blobs, { text: "replaced" });
    const loose = await storeBlob(layout.blobs, Buffer.from("loose"));
    await layout.update(
      new Map([
        ["a:1", replaced],
        ["b:1", index],
      ]),
    );
    await layout.update(new Map([["a:1", kept]]));

    expect(await collectGarbage(layout)).toMatchObject({ kind: "collected", blobs: 4 });
    for (const { digest } of [kept, child, index]) expect(layout.blobs.find(digest)).toBeDefined();
    for (const { digest } of [replaced, loose]) expect(layout.blobs.find(digest)).toBeUndefined();
    expect(await collectGarbage(layout)).toEqual({ kind: "collected", blobs: 0, bytes: 0 });
  });

  test("removes nothing while another run is there", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path);
    const loose = await storeBlob(layout.blobs, Buffer.from("loose"));
    {
      using _ = await openLayout(directory.path);
      expect(await collectGarbage(layout)).toEqual({ kind: "busy", runs: 1 });
      expect(layout.blobs.find(loose.digest)).toBeDefined();
    }
    expect(await collectGarbage(layout)).toMatchObject({ blobs: 1, bytes: 5 });
  });

  test("removes nothing when a manifest is damaged", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path);
    const image = await storeSampleImage(layout.blobs);
    const loose = await storeBlob(layout.blobs, Buffer.from("loose"));
    await layout.update(new Map([["a:1", image]]));
    await writeFile(layout.blobs.find(image.digest)?.path ?? "", "{}");
    expect(collectGarbage(layout)).rejects.toThrow("is damaged");
    expect(layout.blobs.find(loose.digest)).toBeDefined();
  });
});
