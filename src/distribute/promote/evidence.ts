import type { Descriptor } from "../../oci/descriptor.ts";
import { isNamedRequirement, type NamedRequirement } from "../../project/requirements.ts";

/** One thing that is attached to an image, as far as it tells what it is. */
export type Attached = Pick<Descriptor, "digest" | "artifactType" | "mediaType" | "annotations">;

/**
 * What counts as what, by the beginnings of artifact types and of the types of in-toto predicates. Signatures are looked for,
 * not verified: their keys are not known here.
 */
const kinds: Readonly<
  Record<
    NamedRequirement,
    { readonly types: readonly string[]; readonly predicates: readonly string[] }
  >
> = {
  tests: {
    types: ["application/vnd.hive.tests.", "application/junit+xml", "application/vnd.junit+xml"],
    predicates: ["https://in-toto.io/attestation/test-result/"],
  },
  sbom: {
    types: [
      "application/spdx",
      "text/spdx",
      "application/vnd.cyclonedx",
      "application/vnd.syft",
      "application/vnd.dev.cosign.artifact.sbom.",
      "spdx+json",
      "cyclonedx+json",
    ],
    predicates: ["https://spdx.dev/Document", "https://cyclonedx.org/"],
  },
  signature: {
    types: [
      "application/vnd.dev.cosign.artifact.sig.",
      "application/vnd.dev.cosign.simplesigning.",
      "application/vnd.dev.sigstore.bundle",
      "application/vnd.cncf.notary.signature",
    ],
    predicates: ["https://sigstore.dev/cosign/sign/"],
  },
  provenance: { types: [], predicates: ["https://slsa.dev/provenance/"] },
};

/** Where tools say of what kind the statement is that an artifact or a layer holds. */
const predicateKeys = [
  "in-toto.io/predicate-type",
  "dev.sigstore.bundle.predicateType",
  "predicateType",
];

/** Whether what is attached is what a requirement asks for: one of the names, or an artifact type. */
export function satisfies(attached: Attached, requirement: string): boolean {
  const { artifactType = attached.mediaType, annotations = {} } = attached;
  if (!isNamedRequirement(requirement)) return artifactType === requirement;
  const predicate = predicateKeys.map((key) => annotations[key]).find(Boolean);
  const { types, predicates } = kinds[requirement];
  // What holds a statement is what the statement is: a bundle with a provenance is no signature of the image.
  if (predicate !== undefined) return predicates.some((one) => predicate.startsWith(one));
  return types.some((type) => artifactType.startsWith(type));
}
