import { expect, test } from "bun:test";
import {
  inputsArtifact,
  inputsType,
  keysAmong,
} from "../../../src/build/results/inputs-artifact.ts";
import type { PublishedRecord } from "../../../src/inputs/published-inputs.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { parseManifest } from "../../../src/oci/manifest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { referrerDescriptor } from "../../../src/remote/manifests/list-referrer.ts";
import { sampleInputs } from "../../inputs/support/sample-inputs.ts";

const image = { mediaType: mediaTypes.ociManifest, digest: digestOf("image"), size: 5 };
const record: PublishedRecord = {
  target: "base:1.0 linux/amd64",
  key: "abc",
  digest: image.digest,
  inputs: sampleInputs,
};

test("an artifact refers to its image, has all that it names, and is the same each time", () => {
  const artifact = inputsArtifact(record, {
    ...image,
    platform: { os: "linux", architecture: "amd64" },
  });
  expect(inputsArtifact(record, image)).toEqual(artifact);
  const manifest = parseManifest(artifact.bytes);
  if (manifest.kind !== "image") throw new Error("It is an index");
  expect(manifest).toMatchObject({ artifactType: inputsType, subject: image });
  expect([manifest.config, ...manifest.layers]).toEqual(
    artifact.blobs.map(({ descriptor }) => descriptor),
  );
  for (const { descriptor, bytes } of artifact.blobs) {
    expect([digestOf(bytes), bytes.byteLength]).toEqual([descriptor.digest, descriptor.size]);
  }
  expect(digestOf(artifact.bytes)).toBe(artifact.digest);
});

test("the list of referrers tells the keys, whatever else is there", () => {
  const { bytes, digest } = inputsArtifact(record, image);
  const listed = referrerDescriptor(parseManifest(bytes), digest, bytes.byteLength);
  const other = { ...image, artifactType: "application/spdx+json" };
  // As a registry of another age lists it.
  const { annotations } = listed;
  const typed = { ...listed, artifactType: "application/vnd.oci.empty.v1+json" };
  expect(annotations).toBeDefined();
  for (const each of [listed, typed]) expect([...keysAmong([other, each])]).toEqual(["abc"]);
  expect(keysAmong([other]).size).toBe(0);
});
