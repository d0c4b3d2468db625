import { expect, test } from "bun:test";
import { createPainter } from "../../../src/base/painter.ts";
import { renderInspection } from "../../../src/cli/registry/render-inspection.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";

test("what others wrote is printed without control characters, a line each", () => {
  const evil = "a\u001B[2Jb\nc\u202E";
  const text = renderInspection(
    "r.test/app:1",
    {
      digest: digestOf("manifest"),
      mediaType: mediaTypes.ociManifest,
      size: 1000,
      artifactType: evil,
      annotations: { [evil]: evil },
      image: {
        digest: digestOf("manifest"),
        size: 3000,
        layers: [{ digest: digestOf("layer"), mediaType: evil, size: 2000 }],
        config: {
          platform: evil,
          created: evil,
          entrypoint: [evil],
          cmd: [],
          env: [evil],
          exposedPorts: [evil],
          volumes: [],
          labels: { [evil]: evil },
          history: [],
        },
      },
      referrers: [{ digest: digestOf("sbom"), mediaType: evil, size: 1 }],
    },
    createPainter(false),
  );
  expect(text).not.toMatch(/[^\n\P{C}]/u);
  expect(text).toContain("Environment:\n  ab c\n");
  expect(text).toContain("Size:           3.0 kB");
});
