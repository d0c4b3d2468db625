import type { Digest } from "../oci/digest.ts";

/** `sha256:0123456789ab`: enough to tell digests apart by eye. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, digest.indexOf(":") + 13);
}
