import { expect, test } from "bun:test";
import { openLayout } from "../../../src/oci/layout.ts";
import { startDownload } from "../../../src/registry/upstream/blob-download.ts";
import { rejection } from "../../support/rejection.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

test("a download that nobody reads is not waited for without end where it is nearly done", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path, { durable: false });
  using writer = layout.blobs.createWriter({ algorithm: "sha256" });
  const stopped = Promise.withResolvers<Error>();
  const { download, ended } = startDownload({
    size: 100_000,
    content: new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(70_000)),
      // The rest never comes; what ends the connection ends this.
      pull: async (controller) => controller.error(await stopped.promise),
    }),
    writer,
    commit: async () => undefined,
    onBytes: () => undefined,
    linger: 0,
    finish: 20,
    stop: stopped.resolve,
  });
  await download.begun;
  expect(await rejection(ended)).toHaveProperty("message", "nobody reads it any more");
});
