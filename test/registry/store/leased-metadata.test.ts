import { expect, test } from "bun:test";
import { digestOf } from "../../../src/oci/digest.ts";
import { createLeasedMetadata } from "../../../src/registry/store/leased-metadata.ts";
import { createLeases } from "../../../src/registry/store/leases.ts";
import { createMemoryMetadataStore } from "../../../src/registry/store/memory-metadata-store.ts";
import { record } from "./support/records.ts";

test("a change waits until the content that it names is stored, whoever stores it", async () => {
  const leases = createLeases();
  const metadata = createLeasedMetadata(createMemoryMetadataStore(), leases, undefined);
  const layer = digestOf("layer");
  const stored = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<void>();
  leases.hold(layer, stored.promise);
  leases.hold(layer, failed.promise);
  const acknowledged: string[] = [];
  const changes = [
    metadata.addBlob("a", layer).then(() => acknowledged.push("blob")),
    metadata
      .putManifest("a", record("one", { content: [layer] }), ["1"])
      .then(() => acknowledged.push("manifest")),
  ];
  await metadata.addBlob("a", digestOf("other"));
  stored.resolve();
  await Bun.sleep(2);
  expect(acknowledged).toEqual([]);
  expect(leases.isHeld(layer)).toBe(true);
  failed.reject(new Error("its sender hears of it"));
  await Promise.all(changes);
  expect(acknowledged).toHaveLength(2);
  expect(leases.isHeld(layer)).toBe(false);
});
