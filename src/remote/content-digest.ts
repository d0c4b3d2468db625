import { HiveError } from "../base/hive-error.ts";
import { type Digest, digestAlgorithm, digestOf } from "../oci/digest.ts";

/** @throws HiveError "failed" unless `bytes` have this digest. */
export function checkDigest(bytes: Uint8Array, digest: Digest, host: string): void {
  if (digestOf(bytes, digestAlgorithm(digest)) === digest) return;
  throw new HiveError("failed", `${host} sent other bytes than those of ${digest}`, {
    hint: "Try again; if it stays so, the content is damaged there or on the way.",
  });
}
