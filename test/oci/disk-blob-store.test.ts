import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type BlobStore,
  ContentMismatch,
  readBlob,
  storeBlob,
  streamBlob,
} from "../../src/oci/blob-store.ts";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { createDiskBlobStore } from "../../src/oci/disk-blob-store.ts";
import { tempDirectory } from "../support/temp-directory.ts";

type StoreFixture = AsyncDisposable & {
  readonly store: BlobStore;
  readonly path: string;
  unfinished(): Promise<readonly string[]>;
};

async function openStore(durable = true): Promise<StoreFixture> {
  const directory = await tempDirectory();
  const scratch = join(directory.path, "scratch");
  await mkdir(scratch);
  return {
    store: createDiskBlobStore({ directory: directory.path, scratch, durable }),
    path: directory.path,
    unfinished: async () => await readdir(scratch),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function* slices(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.byteLength; at += 65_536) yield content.subarray(at, at + 65_536);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("hello");
  throw new Error("cut");
}

const sha512 = (text: string | Uint8Array): Digest =>
  `sha512:${createHash("sha512").update(text).digest("hex")}` as Digest;

describe.each([true, false])("createDiskBlobStore() with durable: %p", (durable) => {
  test("storeBlob() stores bytes and streams under their digest", async () => {
    await using fixture = await openStore(durable);
    const { store } = fixture;
    const blob = await storeBlob(store, pieces("hel", "", "lo"));
    expect(blob).toMatchObject({ digest: digestOf("hello"), size: 5 });
    expect(await readFile(blob.path, "utf8")).toBe("hello");
    expect(store.find(digestOf("hello"))).toEqual(blob);
    expect((await storeBlob(store, Buffer.from("hello"))).path).toBe(blob.path);
    expect(await fixture.unfinished()).toEqual([]);
  });

  test("storeBlob() stores nothing as the empty blob", async () => {
    await using fixture = await openStore(durable);
    await storeBlob(fixture.store, pieces());
    expect(fixture.store.find(digestOf(""))?.size).toBe(0);
  });

  test("storeBlob() keeps sha512 content under sha512", async () => {
    await using fixture = await openStore(durable);
    const { store } = fixture;
    await storeBlob(store, pieces("hel", "lo"), { digest: sha512("hello") });
    expect(store.find(sha512("hello"))?.size).toBe(5);
    expect(store.find(digestOf("hello"))).toBeUndefined();
  });

  test("commit() hashes again when the algorithm shows at the end", async () => {
    await using fixture = await openStore(durable);
    using writer = fixture.store.createWriter();
    writer.write(Buffer.from("hello"));
    const { digest } = await writer.commit({ digest: sha512("hello") });
    expect(digest).toBe(sha512("hello"));
  });

  test.each([
    ["another digest", { digest: digestOf("other") }],
    ["another sha512 digest", { digest: sha512("other") }],
    ["another size", { size: 4 }],
  ])("storeBlob() refuses content of %s and keeps nothing", async (_, expected) => {
    await using fixture = await openStore(durable);
    const { store } = fixture;
    expect(storeBlob(store, pieces("hello"), expected)).rejects.toThrow(ContentMismatch);
    expect(store.find(digestOf("hello"))).toBeUndefined();
    expect(store.find(digestOf("other"))).toBeUndefined();
    expect(await fixture.unfinished()).toEqual([]);
  });

  test("storeBlob() keeps nothing of a stream that breaks", async () => {
    await using fixture = await openStore(durable);
    expect(storeBlob(fixture.store, broken())).rejects.toThrow("cut");
    expect(fixture.store.find(digestOf("hello"))).toBeUndefined();
    expect(await fixture.unfinished()).toEqual([]);
  });

  test("find() sees nothing before commit(), and dispose leaves nothing", async () => {
    await using fixture = await openStore(durable);
    {
      using writer = fixture.store.createWriter();
      writer.write(Buffer.from("hello"));
      expect(writer.size).toBe(5);
      expect(fixture.store.find(digestOf("hello"))).toBeUndefined();
      expect(await fixture.unfinished()).toHaveLength(1);
    }
    expect(await fixture.unfinished()).toEqual([]);
  });

  test("createWriter() makes no file before the first byte", async () => {
    await using fixture = await openStore(durable);
    using _ = fixture.store.createWriter();
    expect(await fixture.unfinished()).toEqual([]);
  });

  test("commit() of the same content at the same time succeeds for all", async () => {
    await using fixture = await openStore(durable);
    const text = "x".repeat(100_000);
    const stored = await Promise.all(
      Array.from({ length: 64 }, () => storeBlob(fixture.store, pieces(text))),
    );
    expect(new Set(stored.map(({ path }) => path)).size).toBe(1);
    expect(await readdir(join(fixture.path, "blobs", "sha256"))).toHaveLength(1);
  });

  test("storeBlob() stores much content, hashed by another thread, of several uploads at a time", async () => {
    await using fixture = await openStore(durable);
    const contents = ["a", "b", "c"].map((letter) => Buffer.alloc(40_000_001, letter));
    const stored = await Promise.all(
      contents.map((content) => storeBlob(fixture.store, slices(content))),
    );
    expect(stored.map(({ digest }) => digest)).toEqual(
      contents.map((content) => digestOf(content)),
    );
    for (const [index, { path }] of stored.entries()) {
      expect(digestOf(await readFile(path))).toBe(digestOf(contents[index] ?? ""));
    }
    expect(await fixture.unfinished()).toEqual([]);
  });

  test("commit() hashes much content again when the algorithm shows at the end", async () => {
    await using fixture = await openStore(durable);
    const content = Buffer.alloc(10_000_000, "a");
    using writer = fixture.store.createWriter();
    for await (const slice of slices(content)) writer.write(slice);
    const digest = sha512(content);
    expect((await writer.commit({ digest })).digest).toBe(digest);
  });

  test("storeBlob() refuses much content of another digest, and dispose leaves nothing of it", async () => {
    await using fixture = await openStore(durable);
    const content = Buffer.alloc(40_000_000, "a");
    const expected = { digest: digestOf("other") };
    expect(storeBlob(fixture.store, slices(content), expected)).rejects.toThrow(ContentMismatch);
    expect(await fixture.unfinished()).toEqual([]);
    {
      using writer = fixture.store.createWriter();
      for await (const slice of slices(content)) writer.write(slice);
    }
    expect(await fixture.unfinished()).toEqual([]);
  });

  test("remove() removes once", async () => {
    await using fixture = await openStore(durable);
    const { digest } = await storeBlob(fixture.store, pieces("hello"));
    expect(fixture.store.remove(digest)).toBe(true);
    expect(fixture.store.remove(digest)).toBe(false);
    expect(fixture.store.find(digest)).toBeUndefined();
  });

  test("readBlob() and streamBlob() tell damaged content", async () => {
    await using fixture = await openStore(durable);
    const blob = await storeBlob(fixture.store, pieces("hello"));
    await writeFile(blob.path, "jello");
    expect(readBlob(fixture.store, blob.digest, 100)).rejects.toThrow(ContentMismatch);
    expect(Array.fromAsync(streamBlob(blob))).rejects.toThrow(ContentMismatch);
  });

  test("readBlob() reads no more than its limit", async () => {
    await using fixture = await openStore(durable);
    const { digest } = await storeBlob(fixture.store, pieces("hello"));
    expect(await readBlob(fixture.store, digest, 5)).toEqual(Buffer.from("hello"));
    expect(readBlob(fixture.store, digest, 4)).rejects.toThrow(RangeError);
  });
});
