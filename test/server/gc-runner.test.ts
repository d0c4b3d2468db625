import { expect, test } from "bun:test";
import { storeBlob } from "../../src/oci/blob-store.ts";
import { openEphemeralStore } from "../../src/registry/store/open-registry-store.ts";
import { createGcRunner } from "../../src/server/gc-runner.ts";
import { rejection } from "../support/rejection.ts";

test("a collection counts when it has ended, and one that was broken off as failed, too", async () => {
  await using store = await openEphemeralStore({ membership: "repository", onWarning: () => {} });
  const settings = { interval: 0, grace: 0, untaggedAfter: undefined };
  const gc = createGcRunner({ store, settings, onError: () => {} });
  const running = gc.run({ dryRun: true });
  await Promise.resolve();
  expect(gc.totals).toMatchObject({ runs: 0, failures: 0 });
  await running;
  expect(gc.totals).toMatchObject({ runs: 1, failures: 0 });
  const { digest } = await storeBlob(store.blobs, Buffer.from("content"));
  await store.metadata.addBlob("a", digest);
  const broken = rejection(gc.run({ dryRun: true }));
  await gc[Symbol.asyncDispose]();
  await broken;
  expect(gc.totals).toMatchObject({ runs: 2, failures: 1 });
});
