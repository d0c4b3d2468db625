import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readBlob, storeBlob } from "../../../src/oci/blob-store.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import {
  openEphemeralStore,
  openRegistryStore,
  type OpenRegistryStore,
} from "../../../src/registry/store/open-registry-store.ts";
import { storeSampleImage } from "../../oci/support/sample-image.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { rejection } from "../../support/rejection.ts";
import { record } from "./support/records.ts";

const content = new TextEncoder().encode("content");

async function open(
  directory: string,
  warnings: string[] = [],
  limits = {},
): Promise<OpenRegistryStore> {
  return await openRegistryStore({
    directory,
    sync: "never",
    membership: "repository",
    limits,
    onWarning: (message) => warnings.push(message),
  });
}

describe("openRegistryStore()", () => {
  test("keeps blobs, manifests and tags, as an image layout that anybody can read", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "new", "store");
    const bytes = new TextEncoder().encode("one");
    {
      await using store = await open(path);
      await storeBlob(store.blobs, bytes);
      await store.metadata.putManifest("a/b", record("one"), ["1", "2"]);
    }
    const warnings: string[] = [];
    await using store = await open(path, warnings);
    expect(store.metadata.findTag("a/b", "1")).toEqual(record("one"));
    expect(await readBlob(store.blobs, digestOf("one"), 100)).toEqual(bytes);
    expect(warnings).toEqual([]);
    const index: unknown = JSON.parse(await readFile(join(path, "index.json"), "utf8"));
    const { mediaType, digest, size } = record("one");
    expect(index).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: ["a/b:1", "a/b:2"].map((name) => ({
        mediaType,
        digest,
        size,
        annotations: { "org.opencontainers.image.ref.name": name },
      })),
    });
    expect(JSON.parse(await readFile(join(path, "oci-layout"), "utf8"))).toEqual({
      imageLayoutVersion: "1.0.0",
    });
    expect(await readFile(join(path, "format"), "utf8")).toBe('{"format":1}\n');
  });

  test("is refused to a second process, which is told who has it", async () => {
    await using directory = await tempDirectory();
    await using _ = await open(directory.path);
    const error = await rejection(open(directory.path));
    expect(error).toMatchObject({
      name: "HiveError",
      message: `Cannot use the store "${directory.path}": process ${process.pid} uses it`,
      hint: expect.stringContaining("another directory"),
    });
  });

  test("can be opened again when it was closed", async () => {
    await using directory = await tempDirectory();
    for (let i = 0; i < 3; i++) {
      await using store = await open(directory.path);
      expect(store.metadata.repositories()).toEqual([]);
    }
    expect(existsSync(join(directory.path, "lock"))).toBe(false);
  });

  test("sweeps uploads that nobody will end", async () => {
    await using directory = await tempDirectory();
    await mkdir(join(directory.path, "uploads"));
    await writeFile(join(directory.path, "uploads", "left"), "x");
    await writeFile(join(directory.path, "journal.compacted"), "x");
    await using _ = await open(directory.path);
    expect(await readdir(join(directory.path, "uploads"))).toEqual([]);
    expect(existsSync(join(directory.path, "journal.compacted"))).toBe(false);
  });

  test("is refused to a hive that is older than the store, and changes nothing", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "format");
    await writeFile(path, '{"format":2}\n');
    expect(await rejection(open(directory.path))).toMatchObject({
      message: expect.stringContaining("format 2"),
      hint: expect.stringContaining("upgrade hive"),
    });
    expect(await readdir(directory.path)).toEqual(["format"]);
    await writeFile(path, "?");
    expect(await rejection(open(directory.path))).toMatchObject({
      message: expect.stringContaining("has no number"),
    });
  });

  test("reports files that are missing, and serves the rest", async () => {
    await using directory = await tempDirectory();
    {
      await using store = await open(directory.path);
      await storeBlob(store.blobs, content);
      await store.metadata.addBlob("a", digestOf(content));
      await store.metadata.addBlob("a", digestOf("gone"));
      await store.metadata.putManifest("b", record("lost"), ["1"]);
    }
    const warnings: string[] = [];
    await using store = await open(directory.path, warnings);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("2 files of the store are missing");
    expect(warnings[0]).toContain(`manifest b@${digestOf("lost")}`);
    expect(warnings[0]).toContain(`blob a@${digestOf("gone")}`);
    expect(store.findBlob("a", digestOf("gone"))).toBeUndefined();
    expect(store.findBlob("a", digestOf(content))?.size).toBe(content.byteLength);
  });

  test("makes an image layout that has no journal its first content", async () => {
    await using directory = await tempDirectory();
    const layout = await openLayout(directory.path, { durable: false });
    const image = await storeSampleImage(layout.blobs);
    await layout.update(
      new Map([
        ["base:1.0", image],
        ["team/app:2", image],
        ["unnamed", image],
      ]),
    );
    layout[Symbol.dispose]();
    const warnings: string[] = [];
    {
      await using store = await open(directory.path, warnings);
      expect(store.metadata.findTag("base", "1.0")?.digest).toBe(image.digest);
      expect(store.metadata.findTag("team/app", "2")?.digest).toBe(image.digest);
      const needed = store.metadata.findTag("base", "1.0")?.content ?? [];
      expect(needed.length).toBeGreaterThan(1);
      for (const digest of needed) expect(store.findBlob("base", digest)?.digest).toBe(digest);
      await store.metadata.deleteTag("base", "1.0");
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("1 of 3 images in index.json are not served");
    // The journal counts from now on, and what others wrote stays.
    await using store = await open(directory.path, warnings);
    expect(store.metadata.findTag("base", "1.0")).toBeUndefined();
    expect(await readFile(join(directory.path, "index.json"), "utf8")).toContain('"unnamed"');
    expect(warnings).toHaveLength(1);
  });

  test("serves what the journal says when index.json is damaged, and keeps the damaged file", async () => {
    await using directory = await tempDirectory();
    {
      await using store = await open(directory.path);
      await storeBlob(store.blobs, new TextEncoder().encode("one"));
      await store.metadata.putManifest("a", record("one"), ["1"]);
    }
    await writeFile(join(directory.path, "index.json"), "{");
    const warnings: string[] = [];
    {
      await using store = await open(directory.path, warnings);
      expect(store.metadata.tags("a")).toEqual(["1"]);
    }
    expect(warnings[0]).toContain("index.json");
    const files = await readdir(directory.path);
    expect(files.filter((name) => name.startsWith("index.json.damaged-"))).toHaveLength(1);
    expect(await readFile(join(directory.path, "index.json"), "utf8")).toContain("a:1");
  });

  test("finds its tags in index.json when the journal was lost", async () => {
    await using directory = await tempDirectory();
    {
      await using store = await open(directory.path);
      const image = await storeSampleImage(store.blobs);
      const { mediaType, digest, size } = image;
      await store.metadata.putManifest("a", { mediaType, digest, size, content: [] }, ["1"]);
    }
    await rm(join(directory.path, "journal"));
    await using store = await open(directory.path);
    expect(store.metadata.tags("a")).toEqual(["1"]);
  });

  test("names a directory that can't be used", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "file");
    await writeFile(path, "");
    expect(await rejection(open(join(path, "store")))).toMatchObject({
      name: "HiveError",
      message: expect.stringContaining(path),
    });
    await writeFile(join(directory.path, "oci-layout"), '{"imageLayoutVersion":"9.0"}');
    expect(await rejection(open(directory.path))).toMatchObject({
      name: "HiveError",
      message: expect.stringContaining("no OCI image layout"),
    });
  });
});

describe("limits of a store", () => {
  test("a repository too many is refused, those that are there are not", async () => {
    await using directory = await tempDirectory();
    await using store = await open(directory.path, [], { maxRepositories: 2 });
    await store.metadata.addBlob("a", digestOf("x"));
    store.requireRoom("b");
    await store.metadata.putManifest("b", record("x"), ["1"]);
    store.requireRoom("a");
    expect(() => store.requireRoom("c")).toThrow("takes no new ones");
    expect(await rejection(store.metadata.addBlob("c", digestOf("x")))).toMatchObject({
      status: 403,
    });
    expect(await rejection(store.metadata.putManifest("c", record("x"), []))).toMatchObject({
      status: 403,
      code: "DENIED",
    });
    await store.metadata.removeBlob("a", digestOf("x"));
    store.requireRoom("c");
  });

  test("content beyond maxStorage is refused, until something is removed", async () => {
    await using directory = await tempDirectory();
    {
      await using store = await open(directory.path);
      await storeBlob(store.blobs, new Uint8Array(600));
    }
    await using store = await open(directory.path, [], { maxStorage: 1000 });
    // What is being written counts, too.
    const first = store.blobs.createWriter();
    first.write(new Uint8Array(300));
    expect(await rejection(storeBlob(store.blobs, new Uint8Array(200).fill(1)))).toMatchObject({
      status: 507,
    });
    first[Symbol.dispose]();
    const stored = await storeBlob(store.blobs, new Uint8Array(200).fill(1));
    // The same again takes no room in the end.
    await storeBlob(store.blobs, new Uint8Array(200).fill(1));
    await storeBlob(store.blobs, new Uint8Array(200).fill(2));
    expect(await rejection(storeBlob(store.blobs, Uint8Array.of(1)))).toMatchObject({
      status: 507,
    });
    expect(store.blobs.remove(stored.digest)).toBe(true);
    await storeBlob(store.blobs, new Uint8Array(200).fill(3));
  });

  test("nothing is taken when the disk has less than minFreeSpace", async () => {
    await using directory = await tempDirectory();
    await using store = await open(directory.path, [], { minFreeSpace: Number.MAX_SAFE_INTEGER });
    expect(() => store.requireRoom("a")).toThrow("almost full");
    expect(await rejection(storeBlob(store.blobs, content))).toMatchObject({ status: 507 });
    expect(await readdir(join(directory.path, "uploads"))).toEqual([]);
    await store.metadata.addBlob("a", digestOf("x"));
    expect(await store.metadata.removeBlob("a", digestOf("x"))).toBe(true);
  });
});

describe("openEphemeralStore()", () => {
  test("leaves nothing", async () => {
    let path = "";
    {
      await using store = await openEphemeralStore({
        membership: "shared",
        onWarning: () => undefined,
      });
      path = store.directory;
      const blob = await storeBlob(store.blobs, content);
      expect(store.findBlob("any", blob.digest)?.path).toStartWith(path);
    }
    expect(existsSync(path)).toBe(false);
  });
});
