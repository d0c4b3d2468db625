import { HiveError } from "../../base/hive-error.ts";
import { ContentMismatch, streamBlob } from "../../oci/blob-store.ts";
import { isDigest } from "../../oci/digest.ts";
import type { ImageLayout } from "../../oci/layout.ts";

/** How a daemon names content that is not what its digest says. */
const namedDigest = /\b(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})\b/g;
const mostDigests = 10;

/**
 * Looks whether something in the store that a failed build names is damaged. Such a blob is removed: what is there counts as
 * whole, so that the next build would fail of it again.
 * @param message the daemon's
 */
export async function findDamage(
  { directory, blobs }: Pick<ImageLayout, "directory" | "blobs">,
  message: string,
): Promise<HiveError | undefined> {
  const digests = [...new Set(message.match(namedDigest))].slice(0, mostDigests);
  for (const digest of digests) {
    const blob = isDigest(digest) ? blobs.find(digest) : undefined;
    if (blob === undefined) continue;
    try {
      for await (const _ of streamBlob(blob));
    } catch (cause) {
      if (!(cause instanceof ContentMismatch)) continue;
      blobs.remove(blob.digest);
      return new HiveError(
        "failed",
        `Content of an image in "${directory}" is damaged: ${digest}`,
        {
          cause,
          hint: "It was removed: build again, and what it belongs to is built anew.",
        },
      );
    }
  }
  return undefined;
}
