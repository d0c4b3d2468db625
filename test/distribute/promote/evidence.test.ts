import { describe, expect, test } from "bun:test";
import { type Attached, satisfies } from "../../../src/distribute/promote/evidence.ts";
import { failuresIn } from "../../../src/distribute/promote/failed-tests.ts";
import { findEvidence } from "../../../src/distribute/promote/find-evidence.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { requirements } from "../../../src/project/requirements.ts";

function attached(artifactType: string, annotations: Record<string, string> = {}): Attached {
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  return { mediaType, digest: digestOf(artifactType), artifactType, annotations };
}

const slsa = { "in-toto.io/predicate-type": "https://slsa.dev/provenance/v1" };
const bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";

test.each<[string, Record<string, string>, string | undefined]>([
  ["application/junit+xml", {}, "tests"],
  ["application/vnd.hive.tests.v1+json", {}, "tests"],
  ["application/spdx+json", {}, "sbom"],
  ["application/vnd.cyclonedx+json", {}, "sbom"],
  ["application/vnd.dev.cosign.artifact.sbom.v1+json", {}, "sbom"],
  ["application/vnd.dev.cosign.artifact.sig.v1+json", {}, "signature"],
  ["application/vnd.dev.cosign.simplesigning.v1+json", {}, "signature"],
  ["application/vnd.cncf.notary.signature", {}, "signature"],
  [bundle, {}, "signature"],
  [
    bundle,
    { "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1" },
    "signature",
  ],
  [bundle, { "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1" }, "provenance"],
  ["application/vnd.in-toto+json", slsa, "provenance"],
  [
    "application/vnd.in-toto+json",
    { "in-toto.io/predicate-type": "https://spdx.dev/Document" },
    "sbom",
  ],
  ["application/vnd.in-toto+json", {}, undefined],
  ["application/vnd.dev.cosign.artifact.att.v1+json", {}, undefined],
  ["application/vnd.oci.image.config.v1+json", {}, undefined],
  ["application/vnd.acme.review", {}, undefined],
])("%s with %o counts as %s", (type, annotations, expected) => {
  const one = attached(type, annotations);
  const met = requirements.filter((requirement) => satisfies(one, requirement));
  expect(met).toEqual(requirements.filter((name) => name === expected));
});

test("an artifact type is met by itself alone", () => {
  const review = attached("application/vnd.acme.review");
  expect(satisfies(review, "application/vnd.acme.review")).toBe(true);
  expect(satisfies(review, "application/vnd.acme")).toBe(false);
});

describe("a requirement", () => {
  const sbom = attached("application/spdx+json");
  const image = (platform: string, ...all: Attached[]) => ({ platform, attached: all });

  test("is met by what is attached to the whole, or to each platform", () => {
    expect(findEvidence({ whole: [sbom], images: [], tags: [] }, "sbom")).toEqual({
      found: [sbom],
    });
    const both = [image("linux/amd64", sbom), image("linux/arm64", sbom)];
    expect(findEvidence({ whole: [], images: both, tags: [] }, "sbom")).toEqual({
      found: [sbom, sbom],
    });
  });

  test("is not met by what one platform lacks, and by nothing", () => {
    const one = [image("linux/amd64", sbom), image("linux/arm64"), image("linux/s390x")];
    expect(findEvidence({ whole: [], images: one, tags: [] }, "sbom").lacking).toBe(
      'nothing is attached that counts as "sbom" for linux/arm64 and linux/s390x',
    );
    // Two images of one platform, as of two releases of Windows, are two.
    const twice = [image("windows/amd64", sbom), image("windows/amd64")];
    expect(findEvidence({ whole: [], images: twice, tags: [] }, "sbom").lacking).toEndWith(
      "for windows/amd64",
    );
    const none = { whole: [attached("a/b")], images: [], tags: [] };
    expect(findEvidence(none, "tests").lacking).toBe('nothing is attached that counts as "tests"');
  });
});

test.each<[string, number]>([
  ['<testsuite tests="2"><testcase/><testcase/></testsuite>', 0],
  [
    '<testsuite><testcase><failure message="x"/></testcase><testcase><error>y</error></testcase></testsuite>',
    2,
  ],
  ['<testsuites failures="1"><testsuite failures="1" errors="0"/></testsuites>', 1],
  ["<testsuites><testsuite tests='3' failures='1' errors='2'/></testsuites>", 3],
  ["<testcase><system-out><![CDATA[<failure/>]]></system-out></testcase>", 0],
  ["<!-- <error/> --><testsuite errors='0' failures='0'/>", 0],
  ["<testsuite><errors/><failures/></testsuite>", 0],
])("failures in %s", (report, count) => {
  expect(failuresIn(report)).toBe(count);
});

// With time that grows with the square of its length it would take hours, and Ctrl-C would do nothing meanwhile.
test.each(["<!--", "<![CDATA[", "<testsuite ", "<!---->", '<testsuite failures="1"'])(
  "a report of many %s is read at once",
  (piece) => {
    const report = piece.repeat((4 * 1024 * 1024) / piece.length);
    const start = performance.now();
    expect(failuresIn(`<testsuite failures="2"/>${report}`)).toBe(2);
    expect(performance.now() - start).toBeLessThan(3000);
  },
);

test("what a report says behind a comment or a text without an end counts", () => {
  expect(failuresIn("<a><!-- x --><failure/><![CDATA[ <failure/> ]]><error/><!-- <failure/>")).toBe(
    3,
  );
});
