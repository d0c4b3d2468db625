import { expect, test } from "bun:test";
import { storeBlob } from "../../../src/oci/blob-store.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import { countCommits } from "../../../src/server/metrics/count-commits.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

test("countCommits() counts what got into the store, and nothing that was given up or refused", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path, { durable: false });
  const blobs = countCommits(layout.blobs);
  const { digest } = await storeBlob(blobs, Buffer.from("hello"));
  await storeBlob(blobs, Buffer.from("world!"));
  expect(await storeBlob(blobs, Buffer.from("x"), { digest }).catch(String)).toContain("Expected");
  {
    using writer = blobs.createWriter();
    writer.write(Buffer.from("given up"));
    expect(writer.size).toBe(8);
  }
  expect([blobs.committedBlobs, blobs.committedBytes]).toEqual([2, 11]);
  expect(blobs.find(digest)).toEqual(layout.blobs.find(digest));
  expect(blobs.remove(digest)).toBe(true);
  expect(layout.blobs.find(digestOf("hello"))).toBeUndefined();
});
