import { expect, test } from "bun:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { storeBlob } from "../../../src/oci/blob-store.ts";
import { compareImages, type ImagePlace } from "../../../src/oci/compare/compare-images.ts";
import type { CompareOptions } from "../../../src/oci/compare/compare-layers.ts";
import { type ImageLayout, openLayout } from "../../../src/oci/layout.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { tarStream } from "../../../src/oci/tar-stream.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

type Sample = {
  readonly layers: readonly Readonly<Record<string, string>>[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly compression?: "gzip" | "zstd";
  /** Of every file. */
  readonly mtime?: number;
  readonly steps?: readonly unknown[];
};

const history = [
  { created_by: "ENV A=1", empty_layer: true },
  { created_by: "COPY a /" },
  { created_by: "RUN date > /now" },
];

async function store({ blobs }: ImageLayout, sample: Sample): Promise<ImagePlace> {
  const { layers, config = {}, annotations, compression = "gzip", mtime, steps = history } = sample;
  const descriptors = await Promise.all(
    layers.map(async (files) => {
      const entries = Object.entries(files).map(([name, text]) => {
        const content = new TextEncoder().encode(text);
        return { name, size: content.length, content };
      });
      const tar = Buffer.concat(await Array.fromAsync(tarStream(entries)));
      if (mtime !== undefined) setTimes(tar, mtime);
      const bytes = compression === "gzip" ? gzipSync(tar) : zstdCompressSync(tar);
      const { digest, size } = await storeBlob(blobs, bytes);
      return { mediaType: `application/vnd.oci.image.layer.v1.tar+${compression}`, digest, size };
    }),
  );
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const stored = await storeBlob(blobs, text({ config, history: steps }));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: stored.digest, size: stored.size },
    layers: descriptors,
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { blobs, digest: (await storeBlob(blobs, text(manifest))).digest };
}

async function compare(first: Sample, second: Sample, options: CompareOptions = {}) {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path, { durable: false });
  return await compareImages(await store(layout, first), await store(layout, second), options);
}

const layers = [{ a: "1" }, { now: "1" }];

test("compareImages() names the layer, its step and the entry", async () => {
  const other = [{ a: "1" }, { now: "2" }];
  for (const compression of ["gzip", "zstd"] as const) {
    expect(
      await compare({ layers, compression }, { layers: other, config: { Env: [] }, compression }),
    ).toEqual({
      where: "layer",
      layer: 2,
      layers: 2,
      step: "RUN date > /now",
      entry: { path: "/now", what: "content", first: "1 bytes", second: "1 bytes", offset: 0 },
    });
  }
  expect(await compare({ layers }, { layers: [{ a: "1" }] })).toEqual({
    where: "layer",
    layer: 2,
    layers: 2,
    step: "RUN date > /now",
  });
  // Packed otherwise.
  expect(await compare({ layers }, { layers, compression: "zstd" })).toEqual({
    where: "layer",
    layer: 1,
    layers: 2,
    step: "COPY a /",
  });
});

test("compareImages() names the field of config or manifest", async () => {
  expect(await compare({ layers }, { layers })).toBeUndefined();
  const config = (value: string) => ({ config: { Env: ["A=1", value] }, layers });
  expect(await compare(config("B=1"), config("B=2"))).toEqual({
    where: "config",
    field: "config.Env[1]",
    first: '"B=1"',
    second: '"B=2"',
  });
  expect(await compare({ layers }, config("B=2"))).toMatchObject({
    field: "config.Env",
    first: "nothing",
  });
  expect(await compare({ layers }, { layers, annotations: { a: "1" } })).toEqual({
    where: "manifest",
    field: "annotations",
    first: "nothing",
    second: '{"a":"1"}',
  });
});

test("compareImages() without times finds what else differs, wherever it is", async () => {
  const created = (time: string) => history.map((step) => ({ ...step, created: time }));
  const first = { layers, mtime: 1_700_000_000, steps: created("2024-01-01T00:00:00Z") };
  const later = { layers, mtime: 1_700_000_001, steps: created("2025-01-01T00:00:00Z") };
  const times = false;
  expect(await compare(first, later)).toMatchObject({ where: "layer", entry: { what: "mtime" } });
  expect(await compare(first, later, { times })).toBeUndefined();
  expect(
    await compare(first, { ...later, layers: [{ a: "1" }, { now: "2" }] }, { times }),
  ).toMatchObject({ layer: 2, entry: { path: "/now", what: "content" } });
  expect(await compare(first, { ...later, layers: [{ a: "1" }] }, { times })).toMatchObject({
    layer: 2,
  });
  expect(await compare(first, { ...later, config: { User: "x" } }, { times })).toMatchObject({
    where: "config",
    field: "config.User",
  });
  const steps = created("2025-01-01T00:00:00Z").map((step) => ({ ...step, comment: "other" }));
  expect(await compare(first, { ...later, steps }, { times })).toMatchObject({
    field: "history[0].comment",
  });
});

test("compareImages() tells a damaged layer", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path, { durable: false });
  const first = await store(layout, { layers });
  const second = await store(layout, { layers: [{ a: "1" }, { now: "2" }] });
  const document = (await Bun.file(String(layout.blobs.find(second.digest)?.path)).json()) as {
    layers: { digest: typeof second.digest }[];
  };
  const damaged = document.layers[1]?.digest ?? second.digest;
  const path = String(layout.blobs.find(damaged)?.path);
  await Bun.write(path, (await Bun.file(path).bytes()).subarray(0, 20));
  expect(compareImages(first, second)).rejects.toThrow();
});

/** Writes a time into the headers of a tar whose files fit into a block each. */
function setTimes(tar: Buffer, mtime: number): void {
  for (let at = 0; tar[at] !== 0; at += 1024) {
    tar.write(`${mtime.toString(8).padStart(11, "0")} `, at + 136, "latin1");
    tar.write("        ", at + 148, "latin1");
    const sum = tar.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
  }
}
