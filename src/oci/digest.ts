/**
 * A content digest, `sha256:<64 hex>` or `sha512:<128 hex>`, lower case.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests}
 */
export type Digest = string & { readonly __digest: unique symbol };

/** The algorithms that we know. */
export const digestAlgorithms = ["sha256", "sha512"] as const;

export type DigestAlgorithm = (typeof digestAlgorithms)[number];

const pattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Whether `text` is a digest of an algorithm that we know. */
export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/** @throws SyntaxError when `text` is no digest of a known algorithm. */
export function parseDigest(text: string): Digest {
  if (!isDigest(text))
    throw new SyntaxError(`Cannot parse digest "${text}": expected sha256:<64 hex digits>`);
  return text;
}

/** What stands before the colon. */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith("sha256:") ? "sha256" : "sha512";
}

/** The hexadecimal part. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** The digest of `bytes`. */
export function digestOf(
  bytes: Uint8Array | string,
  algorithm: DigestAlgorithm = "sha256",
): Digest {
  return `${algorithm}:${new Bun.CryptoHasher(algorithm).update(bytes).digest("hex")}` as Digest;
}
