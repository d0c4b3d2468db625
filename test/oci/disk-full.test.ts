import { describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../../src/base/hive-error.ts";
import { storeBlob } from "../../src/oci/blob-store.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { createMemoryMetadataStore } from "../../src/registry/store/memory-metadata-store.ts";
import { createRegistry } from "../../src/registry/create-registry.ts";
import { createRegistryStore } from "../../src/registry/store/registry-store.ts";
import { smallDisk } from "../support/small-disk.ts";
import { storeSampleImage } from "./support/sample-image.ts";
import { run } from "../support/run.ts";

const megabyte = new Uint8Array(1024 * 1024);

async function* tooMuch(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 8; i++) yield megabyte.fill(i);
}

describe("a full disk", () => {
  test("storeBlob() names the directory and the remedy, and works again when there is room", async () => {
    await using disk = await smallDisk();
    using layout = await openLayout(join(disk.path, ".hive"));
    const image = await storeSampleImage(layout.blobs);
    await layout.update(new Map([["base:1", image]]));

    const error = await storeBlob(layout.blobs, tooMuch()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HiveError);
    expect(error).toMatchObject({
      message: `Cannot write to "${layout.directory}": no space left on the device`,
      hint: expect.stringContaining("Free some space"),
    });
    expect(await readdir(layout.scratch)).toEqual([]);
    expect(await layout.find("base:1")).toMatchObject(image);
    await storeBlob(layout.blobs, Buffer.from("small"));
  });

  test("update() leaves the old index", async () => {
    await using disk = await smallDisk();
    using layout = await openLayout(join(disk.path, ".hive"));
    const image = await storeSampleImage(layout.blobs);
    await layout.update(new Map([["base:1", image]]));
    await run(["sh", "-c", `cat /dev/zero > ${disk.path}/fill; true`]);

    const many = Array.from({ length: 500 }, (_, i) => [`base:${i}`, image] as const);
    expect(layout.update(new Map(many))).rejects.toThrow("no space left");
    expect(await layout.references()).toHaveLength(1);

    await run(["rm", `${disk.path}/fill`]);
    await layout.update(new Map(many));
    expect(await layout.references()).toHaveLength(500);
  });

  test("the registry answers 507 and reports it", async () => {
    await using disk = await smallDisk();
    using layout = await openLayout(join(disk.path, ".hive"));
    const errors: Error[] = [];
    using registry = createRegistry({
      store: createRegistryStore({
        blobs: layout.blobs,
        metadata: createMemoryMetadataStore(),
        membership: "shared",
      }),
      onError: (error) => errors.push(error),
    });
    const opened = await registry.fetch(
      new Request("http://x/v2/a/blobs/uploads/", { method: "POST" }),
    );
    const location = opened.headers.get("location") ?? "";
    const response = await registry.fetch(
      new Request(`http://x${location}`, {
        method: "PATCH",
        body: tooMuch(),
      }),
    );
    expect(response.status).toBe(507);
    const text = await response.text();
    expect(text).toContain("disk is full");
    expect(text).not.toContain(disk.path);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(HiveError);
    expect(await readdir(layout.scratch)).toEqual([]);
  });
});
