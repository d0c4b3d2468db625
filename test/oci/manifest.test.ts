import { describe, expect, test } from "bun:test";
import { imageSize, parseManifest } from "../../src/oci/manifest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { json } from "./support/sample-image.ts";

const content = (fill: string, size = 10, mediaType = "application/x") => ({
  mediaType,
  digest: `sha256:${fill.repeat(64)}`,
  size,
});
const image = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: content("a"),
  layers: [content("b", 20), content("b", 20)],
};
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests: [{ ...content("c"), platform: { os: "linux", architecture: "arm64" } }],
};

describe("parseManifest()", () => {
  test("parseManifest() reads an image and imageSize() counts each blob once", () => {
    const manifest = parseManifest(json(image));
    if (manifest.kind !== "image") throw new Error("not an image");
    expect(manifest.layers).toHaveLength(2);
    expect(imageSize(manifest, 5)).toBe(35);
  });

  test("parseManifest() reads an index", () => {
    expect(parseManifest(json(index), mediaTypes.ociIndex)).toMatchObject({
      kind: "index",
      manifests: [{ platform: { architecture: "arm64" } }],
    });
  });

  test("parseManifest() reads Docker's types and a type that only the label gives", () => {
    const { mediaType: _, ...untyped } = image;
    expect(parseManifest(json(untyped), mediaTypes.dockerManifest)).toMatchObject({
      kind: "image",
      mediaType: mediaTypes.dockerManifest,
    });
    expect(parseManifest(json({ ...index, mediaType: mediaTypes.dockerList })).kind).toBe("index");
  });

  test.each([
    ["no JSON", Buffer.from("{")],
    ["nothing", Buffer.from("")],
    ["a byte order mark", Buffer.from(`\uFEFF${JSON.stringify(image)}`)],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
    ["null", json(null)],
    ["a list", json([image])],
    ["schema 1", json({ ...image, schemaVersion: 1 })],
    ["both image and index", json({ ...image, manifests: [] })],
    ["both index and image", json({ ...index, layers: [] })],
    ["an unknown type", json({ ...image, mediaType: "text/plain" })],
    ["a type that is no string", json({ ...image, mediaType: 1 })],
    ["no config", json({ ...image, config: undefined })],
    ["layers that are no list", json({ ...image, layers: null })],
    ["a negative size", json({ ...image, layers: [content("b", -1)] })],
    ["a size of 1.5", json({ ...image, layers: [content("b", 1.5)] })],
    [
      "a digest that climbs",
      json({ ...image, config: { ...content("a"), digest: "sha256:../../x" } }),
    ],
    ["an upper-case digest", json({ ...image, config: content("A") })],
    ["annotations of numbers", json({ ...image, annotations: { a: 1 } })],
    ["a subject that is no descriptor", json({ ...image, subject: "x" })],
    ["urls that are no list", json({ ...image, layers: [{ ...content("b"), urls: "x" }] })],
    ["a platform without os", json({ ...index, manifests: [{ ...content("c"), platform: {} }] })],
    ["a hundred thousand brackets", Buffer.from("[".repeat(100_000))],
    ["deep nesting", Buffer.from(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)],
  ])("parseManifest() refuses %s", (_, bytes) => {
    expect(() => parseManifest(bytes)).toThrow(SyntaxError);
  });

  test("parseManifest() refuses a label other than the document's type", () => {
    expect(() => parseManifest(json(image), mediaTypes.dockerManifest)).toThrow("it came as");
  });
});
