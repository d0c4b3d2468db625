import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { type DigestAlgorithm, digestOf } from "../../../src/oci/digest.ts";

export type SampleBlob = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly descriptor: Descriptor;
};

/** A blob of `size` bytes that are the same in every run, and don't repeat. */
export function sampleBlob(size: number, algorithm: DigestAlgorithm = "sha256"): SampleBlob {
  const bytes = new Uint8Array(size);
  let state = 1;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  const digest = digestOf(bytes, algorithm);
  return { bytes, descriptor: { mediaType: "application/octet-stream", digest, size } };
}
