/**
 * What BuildKit notes at a manifest of attestations in an index: what it is, and the digest of the image that it is about.
 * {@link https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md}
 */
export const attestationAnnotations = {
  type: "vnd.docker.reference.type",
  digest: "vnd.docker.reference.digest",
} as const;
