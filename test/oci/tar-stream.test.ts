import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type TarFile, tarStream } from "../../src/oci/tar-stream.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { run } from "../support/run.ts";

const file = (name: string, text: string): TarFile => ({
  name,
  size: Buffer.byteLength(text),
  content: Buffer.from(text),
});

describe("tarStream()", () => {
  test("tar unpacks files of every size around a block, and long names", async () => {
    await using directory = await tempDirectory();
    const files = [
      ...[0, 1, 511, 512, 513, 1024].map((size) => file(`dir/${size}`, "x".repeat(size))),
      file("n".repeat(100), "100"),
      file("m".repeat(101), "101"),
      file(`blobs/sha512/${"a".repeat(128)}`, "long"),
    ];
    await Bun.write(
      join(directory.path, "a.tar"),
      Buffer.concat(await Array.fromAsync(tarStream(files))),
    );
    await run(["tar", "-xf", "a.tar"], directory.path);
    for (const { name, content } of files) {
      expect(await Bun.file(join(directory.path, name)).bytes()).toEqual(
        new Uint8Array(content as Uint8Array),
      );
    }
  });

  test("tarStream() writes sizes that don't fit in octal", async () => {
    const big: TarFile = { name: "big", size: 2 ** 33, content: () => emptyContent() };
    const head: Uint8Array[] = [];
    expect(collect(tarStream([big]), head)).rejects.toThrow("it has 0 bytes, not 8589934592");
    expect(Buffer.concat(head).toString("latin1")).toContain("19 size=8589934592\n");
  });

  test("tarStream() refuses content that is not as long as it said", async () => {
    expect(Array.fromAsync(tarStream([{ ...file("a", "abc"), size: 2 }]))).rejects.toThrow(
      "3 bytes",
    );
  });
});

async function collect(stream: AsyncIterable<Uint8Array>, into: Uint8Array[]): Promise<void> {
  for await (const chunk of stream) into.push(Uint8Array.from(chunk));
}

async function* emptyContent(): AsyncGenerator<Uint8Array> {}
