import { type PublishedRecord, publishedRecord } from "../../inputs/published-inputs.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type Artifact, createReferringArtifact } from "../../oci/referring-artifact.ts";

/** The type of artifacts that say what the image they refer to was made of. */
export const inputsType = "application/vnd.hive.inputs.v1+json";

/** The annotation with the key of the inputs: the list of what refers to an image tells it, without another question. */
const keyAnnotation = "dev.hive.inputs.key";

/** The artifact that keeps, beside an image, what it was made of. The same image and inputs give the same bytes. */
export function inputsArtifact(record: PublishedRecord, image: Descriptor): Artifact {
  return createReferringArtifact({
    type: inputsType,
    content: publishedRecord(record),
    subject: image,
    annotations: { [keyAnnotation]: record.key },
  });
}

/**
 * The keys of the inputs that gave an image, as what refers to it says. The annotation counts alone: some registries list
 * another type than the artifact's.
 */
export function keysAmong(referrers: readonly Descriptor[]): ReadonlySet<string> {
  return new Set(referrers.flatMap(({ annotations }) => annotations?.[keyAnnotation] ?? []));
}
