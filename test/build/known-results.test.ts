import { expect, test } from "bun:test";
import { createKnownResults } from "../../src/build/known-results.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const key = "0".repeat(64);
const digest = digestOf("image");

test("remember() is found again, by another run as well", async () => {
  await using directory = await tempDirectory();
  {
    using layout = await openLayout(directory.path);
    const results = createKnownResults(layout);
    expect(await results.find(key)).toBeUndefined();
    await results.remember(key, digest);
  }
  using layout = await openLayout(directory.path);
  expect(await createKnownResults(layout).find(key)).toBe(digest);
});

test("remember() of one key at the same time, as two tags of an image do, is no error", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path);
  const results = createKnownResults(layout);
  await Promise.all(Array.from({ length: 8 }, async () => results.remember(key, digest)));
  expect(await results.find(key)).toBe(digest);
});
