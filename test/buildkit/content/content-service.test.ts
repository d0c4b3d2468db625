import { describe, expect, test } from "bun:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { HiveError } from "../../../src/base/hive-error.ts";
import { storeBlob } from "../../../src/oci/blob-store.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import { randomBytes } from "node:crypto";
import { smallDisk } from "../../support/small-disk.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { contentClient, ofStore, writing } from "./support/content-client.ts";

/** How the daemon cuts what it sends. */
const pieceSize = 81_933;

function pieces(content: Uint8Array): Uint8Array[] {
  const count = Math.ceil(content.length / pieceSize);
  return Array.from({ length: count }, (_, at) =>
    content.subarray(at * pieceSize, (at + 1) * pieceSize),
  );
}

async function codeOf(call: Promise<unknown>): Promise<Code | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return ConnectError.from(error).code;
  }
}

async function drained(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}

describe("contentService()", () => {
  test("reads what was asked for of a blob, and refuses what is beyond its end", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path, { durable: false });
    const bytes = randomBytes(1_000_000);
    const { digest } = await storeBlob(layout.blobs, bytes);
    using client = contentClient(layout.blobs);
    const read = async (offset: number, size: number) => {
      const parts: Uint8Array[] = [];
      const range = { digest, offset: BigInt(offset), size: BigInt(size) };
      for await (const { data, offset: at } of client.content.read(range, ofStore)) {
        expect(Number(at)).toBe(offset + parts.reduce((sum, { length }) => sum + length, 0));
        parts.push(data.slice());
      }
      return Buffer.concat(parts);
    };
    expect(digestOf(await read(0, 0))).toBe(digest);
    expect((await read(300_000, 500_001)).equals(bytes.subarray(300_000, 800_001))).toBeTrue();
    expect((await read(999_990, 0)).equals(bytes.subarray(999_990))).toBeTrue();
    expect((await read(999_990, 5_000)).length).toBe(10);
    expect((await read(1_000_000, 0)).length).toBe(0);
    expect(await codeOf(read(1_000_001, 0))).toBe(Code.OutOfRange);
  });

  test("takes a blob in pieces, once", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path, { durable: false });
    using client = contentClient(layout.blobs);
    const bytes = randomBytes(3_000_000);
    const blob = { expected: digestOf(bytes), total: bytes.length };
    await drained(client.content.write(writing(pieces(bytes), blob), ofStore));
    expect(layout.blobs.find(blob.expected)?.size).toBe(bytes.length);
    const again = drained(client.content.write(writing([], blob), ofStore));
    expect(await codeOf(again)).toBe(Code.AlreadyExists);
    expect(await readdir(layout.scratch)).toEqual([]);
  });

  test("keeps nothing that has another digest, or another size, than was said", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path, { durable: false });
    using client = contentClient(layout.blobs);
    const bytes = randomBytes(200_000);
    for (const blob of [
      { expected: digestOf("another"), total: bytes.length },
      { expected: digestOf(bytes), total: bytes.length - 1 },
    ]) {
      const sent = drained(client.content.write(writing(pieces(bytes), blob), ofStore));
      expect(await codeOf(sent)).toBe(Code.FailedPrecondition);
      expect(layout.blobs.find(blob.expected)).toBeUndefined();
    }
    expect(await readdir(layout.scratch)).toEqual([]);
  });

  test.each(["the call is canceled", "the connection breaks"])(
    "leaves no unfinished file when %s in the middle",
    async (how) => {
      await using directory = await tempDirectory();
      using layout = await openLayout(directory.path, { durable: false });
      using client = contentClient(layout.blobs);
      const bytes = randomBytes(1_000_000);
      const canceled = new AbortController();
      async function* halves(): AsyncGenerator<Uint8Array> {
        yield bytes.subarray(0, 500_000);
        await waitUntil("the first half is on disk", 5_000, async () =>
          (await readdir(layout.scratch)).length === 1 ? true : undefined,
        );
        if (how.includes("call")) canceled.abort();
        else client[Symbol.dispose]();
        yield bytes.subarray(500_000);
      }
      const blob = { expected: digestOf(bytes), total: bytes.length };
      const options = { ...ofStore, signal: canceled.signal };
      const sent = drained(client.content.write(writing(halves(), blob), options));
      expect(await codeOf(sent)).toBeDefined();
      await waitUntil("the unfinished file is gone", 5_000, async () =>
        (await readdir(layout.scratch)).length === 0 ? true : undefined,
      );
      expect(layout.blobs.find(blob.expected)).toBeUndefined();
    },
  );

  test("tells the store's owner that its disk is full", async () => {
    await using disk = await smallDisk();
    using layout = await openLayout(join(disk.path, "store"));
    const errors: HiveError[] = [];
    using client = contentClient({ ...layout.blobs, onError: (error) => errors.push(error) });
    const bytes = randomBytes(4_000_000);
    const blob = { expected: digestOf(bytes), total: bytes.length };
    const sent = drained(client.content.write(writing(pieces(bytes), blob), ofStore));
    expect(await codeOf(sent)).toBeDefined();
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining("no space left on the device"),
    ]);
    expect(await readdir(layout.scratch)).toEqual([]);
  });

  test("moves a gigabyte each way in little memory", async () => {
    await using directory = await tempDirectory();
    const mover = Bun.spawn(
      ["bun", join(import.meta.dir, "support/move-content.ts"), directory.path],
      {
        stdout: "pipe",
        stderr: "inherit",
      },
    );
    const [moved, peak] = (await mover.stdout.text()).trim().split("\n");
    expect(moved).toBe(`${2 ** 30} bytes each way`);
    expect(Number(peak)).toBeGreaterThan(0);
    expect(Number(peak)).toBeLessThan(250 * 1024 * 1024);
  }, 120_000);
});
