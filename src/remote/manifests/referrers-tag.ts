import { type Digest, digestAlgorithm, digestHex } from "../../oci/digest.ts";

/**
 * The tag under which the list of what refers to a manifest stands, at registries that keep none themselves.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema}
 */
export function referrersTag(digest: Digest): string {
  return `${digestAlgorithm(digest)}-${digestHex(digest).slice(0, 64)}`;
}

/** Whether a tag is one that `referrersTag()` makes. */
export function isReferrersTag(tag: string): boolean {
  return /^sha(?:256|512)-[0-9a-f]{64}$/.test(tag);
}
