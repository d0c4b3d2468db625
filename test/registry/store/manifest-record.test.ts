import { expect, test } from "bun:test";
import { digestOf } from "../../../src/oci/digest.ts";
import { parseManifest } from "../../../src/oci/manifest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { manifestRecord } from "../../../src/registry/store/manifest-record.ts";
import { json } from "../../oci/support/sample-image.ts";

const empty = { mediaType: mediaTypes.ociConfig, digest: digestOf("{}"), size: 2 };

test.each([
  ["a type", { artifactType: "x".repeat(1_000_000) }],
  ["the type of the configuration", { config: { ...empty, mediaType: "x".repeat(1_000_000) } }],
  ["annotations", { annotations: { long: "x".repeat(1_000_000) } }],
])(
  "a manifest that another registry gave %s of a megabyte takes no megabyte of memory",
  (_, extra) => {
    const subject = { ...empty, mediaType: mediaTypes.ociManifest };
    const bytes = json({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: empty,
      layers: [],
      subject,
      ...extra,
    });
    const record = manifestRecord(parseManifest(bytes), digestOf(bytes), bytes.byteLength);
    expect(JSON.stringify(record).length).toBeLessThan(2000);
  },
);
