import { describe, expect, test } from "bun:test";
import { lstat, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../../src/base/hive-error.ts";
import { dockerArchive, ociArchive, writeArchive } from "../../src/oci/archive.ts";
import { storeBlob, type StoredBlob } from "../../src/oci/blob-store.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { type ImageLayout, openLayout } from "../../src/oci/layout.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { run } from "../support/run.ts";
import { json, storeSampleImage, storeSampleIndex } from "./support/sample-image.ts";

type ArchiveFixture = AsyncDisposable & {
  readonly layout: ImageLayout;
  readonly image: Descriptor;
  readonly path: string;
};

async function fixture(compression: "none" | "gzip" | "zstd" = "gzip"): Promise<ArchiveFixture> {
  const directory = await tempDirectory();
  const layout = await openLayout(join(directory.path, ".hive"));
  const image = await storeSampleImage(layout.blobs, { compression });
  await layout.update(new Map([["base:1.0", image]]));
  return {
    layout,
    image,
    path: directory.path,
    async [Symbol.asyncDispose]() {
      layout[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function bytesOf(archive: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await writeArchive(archive, (chunk) => void chunks.push(Uint8Array.from(chunk)));
  return Buffer.concat(chunks);
}

describe("ociArchive()", () => {
  test("skopeo reads it, and it is the image that went in", async () => {
    await using f = await fixture();
    await writeArchive(ociArchive(f.layout, "base:1.0"), join(f.path, "base.tar"));
    const info = await run(["skopeo", "inspect", "--raw", "oci-archive:base.tar:base:1.0"], f.path);
    expect(digestOf(info)).toBe(f.image.digest);
    const names = (await run(["tar", "-tf", "base.tar"], f.path)).trim().split("\n");
    expect(names.slice(0, 2)).toEqual(["index.json", "oci-layout"]);
    expect(names.slice(2)).toEqual(names.slice(2).toSorted());
    expect(names).toHaveLength(5);
    expect((await readdir(f.path)).toSorted()).toEqual([".hive", "base.tar"]);
  });

  test("it gives the same bytes each time, and takes a digest", async () => {
    await using f = await fixture();
    const first = await bytesOf(ociArchive(f.layout, "base:1.0"));
    const second = await bytesOf(ociArchive(f.layout, "base:1.0"));
    expect(first.equals(second)).toBe(true);
    expect(await bytesOf(ociArchive(f.layout, f.image.digest))).not.toBeEmpty();
  });

  test("it has all platforms of an index", async () => {
    await using f = await fixture();
    const arm = await storeSampleImage(f.layout.blobs, { architecture: "arm64" });
    const index = await storeSampleIndex(f.layout.blobs, [
      { ...f.image, platform: { os: "linux", architecture: "amd64" } },
      { ...arm, platform: { os: "linux", architecture: "arm64" } },
    ]);
    await f.layout.update(new Map([["multi:1", index]]));
    await writeArchive(ociArchive(f.layout, "multi:1"), join(f.path, "multi.tar"));
    await run(["skopeo", "copy", "--all", "oci-archive:multi.tar:multi:1", "dir:out"], f.path);
    expect(digestOf(await Bun.file(join(f.path, "out", "manifest.json")).text())).toBe(
      index.digest,
    );
  });

  test("writeArchive() names a directory that is not there", async () => {
    await using f = await fixture();
    const destination = join(f.path, "none", "base.tar");
    expect(writeArchive(ociArchive(f.layout, "base:1.0"), destination)).rejects.toThrow(
      `Cannot write to "${f.path}/none": there is no such directory`,
    );
  });

  test("writeArchive() writes into a pipe and follows a link, and replaces neither", async () => {
    await using f = await fixture();
    const pipe = join(f.path, "pipe");
    await run(["mkfifo", pipe]);
    const reading = Bun.spawn(["cat", pipe], { stdout: "pipe" });
    const [through] = await Promise.all([
      new Response(reading.stdout).bytes(),
      writeArchive(ociArchive(f.layout, "base:1.0"), pipe),
    ]);
    expect((await lstat(pipe)).isFIFO()).toBe(true);

    await writeFile(join(f.path, "real.tar"), "old");
    await symlink("real.tar", join(f.path, "link.tar"));
    await writeArchive(ociArchive(f.layout, "base:1.0"), join(f.path, "link.tar"));
    expect((await lstat(join(f.path, "link.tar"))).isSymbolicLink()).toBe(true);
    expect(Buffer.compare(await Bun.file(join(f.path, "real.tar")).bytes(), through)).toBe(0);
  });

  test("it names what is there when the image is not", async () => {
    await using f = await fixture();
    const error = await bytesOf(ociArchive(f.layout, "bose:1.0")).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HiveError);
    expect(error).toMatchObject({ hint: "Did you mean base:1.0?" });
  });

  test("it says so when a digest is not an image's", async () => {
    await using f = await fixture();
    const manifest = await Bun.file(f.layout.blobs.find(f.image.digest)?.path ?? "").json();
    const error = await bytesOf(ociArchive(f.layout, manifest.layers[0].digest)).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(HiveError);
    expect(error).toMatchObject({ kind: "usage" });
  });

  test.each(["missing", "damaged"])(
    "writeArchive() leaves the old file when a layer is %s",
    async (how) => {
      await using f = await fixture();
      const destination = join(f.path, "base.tar");
      await writeFile(destination, "old");
      const manifest = await Bun.file(f.layout.blobs.find(f.image.digest)?.path ?? "").json();
      const layer = f.layout.blobs.find(manifest.layers[0].digest)?.path ?? "";
      if (how === "missing") await rm(layer);
      else await writeFile(layer, "x".repeat(manifest.layers[0].size));
      const writing = writeArchive(ociArchive(f.layout, "base:1.0"), destination);
      const error = await writing.catch((e: unknown) => e);
      expect(error).toBeInstanceOf(HiveError);
      expect(error).toMatchObject({ message: expect.stringContaining(`is ${how}`) });
      expect(await Bun.file(destination).text()).toBe("old");
      expect((await readdir(f.path)).toSorted()).toEqual([".hive", "base.tar"]);
    },
  );
});

test("an image is written without holding it in memory", async () => {
  await using f = await fixture();
  const size = 200_000_000;
  async function* layer(): AsyncGenerator<Uint8Array> {
    const chunk = new Uint8Array(1_000_000);
    for (let i = 0; i < size / chunk.byteLength; i++) yield chunk.fill(i);
  }
  const { digest } = await storeBlob(f.layout.blobs, layer());
  const config = await storeBlob(f.layout.blobs, Buffer.from("{}"));
  const manifest = await storeBlob(
    f.layout.blobs,
    json({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, ...pick(config) },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size }],
    }),
  );
  let written = 0;
  let biggest = 0;
  await writeArchive(dockerArchive(f.layout, manifest.digest, ["big:1"]), (chunk) => {
    written += chunk.byteLength;
    biggest = Math.max(biggest, chunk.byteLength);
  });
  expect(written).toBeGreaterThan(size);
  // Piece by piece: the biggest is one read of a file.
  expect(biggest).toBeLessThan(5_000_000);
});

describe("dockerArchive()", () => {
  test.each(["none", "gzip", "zstd"] as const)(
    "skopeo reads it with layers of %s",
    async (packed) => {
      await using f = await fixture(packed);
      const archive = dockerArchive(f.layout, "base:1.0", ["base:1.0", "base:latest"]);
      await writeArchive(archive, join(f.path, "base.tar"));
      const info = JSON.parse(
        await run(["skopeo", "inspect", "--config", "docker-archive:base.tar:base:latest"], f.path),
      ) as { config: unknown };
      expect(info.config).toEqual({ Cmd: ["/hello"] });
    },
  );

  test("it takes the one image of an index that has attestations, and refuses several", async () => {
    await using f = await fixture();
    const { blobs } = f.layout;
    const amd = { ...f.image, platform: { os: "linux", architecture: "amd64" } };
    const other = await storeSampleImage(blobs, { text: "other" });
    const attestation = { ...other, platform: { os: "unknown", architecture: "unknown" } };
    const arm = { ...other, platform: { os: "linux", architecture: "arm64" } };
    const attested = await storeSampleIndex(blobs, [amd, attestation]);
    const several = await storeSampleIndex(blobs, [amd, arm]);
    const direct = await bytesOf(dockerArchive(f.layout, f.image.digest, ["x:1"]));
    const indirect = await bytesOf(dockerArchive(f.layout, attested.digest, ["x:1"]));
    expect(await listing(indirect)).toBe(await listing(direct));
    expect(bytesOf(dockerArchive(f.layout, several.digest, []))).rejects.toThrow(
      "several platforms",
    );
  });
});

function pick({ digest, size }: StoredBlob): Pick<StoredBlob, "digest" | "size"> {
  return { digest, size };
}

async function listing(archive: Buffer): Promise<string> {
  await using directory = await tempDirectory();
  await writeFile(join(directory.path, "a.tar"), archive);
  return await run(["tar", "-tf", "a.tar"], directory.path);
}
