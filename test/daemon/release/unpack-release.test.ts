import { describe, expect, test } from "bun:test";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unpackRelease } from "../../../src/daemon/release/unpack-release.ts";
import { type TarFile, tarStream } from "../../../src/oci/tar-stream.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

async function archiveOf(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const entries = Object.entries(files).map(([name, text]): TarFile => {
    const content = Buffer.from(text);
    return { name, size: content.byteLength, content };
  });
  return Bun.gzipSync(Buffer.concat(await Array.fromAsync(tarStream(entries))));
}

const programs = {
  "bin/buildkitd": "daemon".repeat(100_000),
  "bin/buildctl": "client",
  "bin/buildkit-runc": "",
};

async function unpack(archive: Uint8Array): Promise<{ root: string } & AsyncDisposable> {
  const directory = await tempDirectory();
  await writeFile(join(directory.path, "archive"), archive);
  try {
    await unpackRelease(join(directory.path, "archive"), join(directory.path, "programs"));
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
  return { root: directory.path, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

describe("unpackRelease()", () => {
  test("writes the programs, and nothing else", async () => {
    await using unpacked = await unpack(
      await archiveOf({
        ...programs,
        README: "no program",
        "bin/sub/deep": "too deep",
        "bin/../../outside": "out",
        "../bin/outside": "out",
        [`bin/${"long".repeat(40)}`]: "of a pax header",
      }),
    );
    const directory = join(unpacked.root, "programs");
    const names = await readdir(directory);
    expect(names.filter((name) => !name.startsWith("long")).toSorted()).toEqual([
      "buildctl",
      "buildkit-runc",
      "buildkitd",
    ]);
    expect((await readdir(unpacked.root)).toSorted()).toEqual(["archive", "programs"]);
    for (const [name, text] of Object.entries(programs)) {
      const file = join(unpacked.root, "programs", name.replace("bin/", ""));
      expect(await readFile(file, "utf8")).toBe(text);
      expect((await stat(file)).mode & 0o111).not.toBe(0);
    }
  });

  test("refuses what lacks a program, is cut, or is no archive", async () => {
    const { "bin/buildctl": _, ...rest } = programs;
    expect(unpack(await archiveOf(rest))).rejects.toThrow("it has no bin/buildctl");
    const whole = Bun.gunzipSync(Buffer.from(await archiveOf(programs)));
    expect(unpack(Bun.gzipSync(whole.subarray(0, 5000)))).rejects.toThrow("it ends early");
    expect(unpack(Buffer.from("<html>"))).rejects.toThrow("Cannot unpack the release");
    expect(unpack(Bun.gzipSync(Buffer.alloc(2048, "x")))).rejects.toThrow("it is no tar archive");
    const damaged = Buffer.from(whole);
    damaged[124] = 0x37;
    expect(unpack(Bun.gzipSync(damaged))).rejects.toThrow("it is no tar archive");
  });
});
