import { HiveError } from "../../base/hive-error.ts";
import type { Digest } from "../../oci/digest.ts";
import { unlistReferrer } from "./list-referrer.ts";
import { deleteReference, findManifest } from "../manifests.ts";
import { storeManifest } from "./put-manifest.ts";
import type { RemoteClient } from "../remote-client.ts";

/**
 * Deletes a manifest, and takes it off the list of what refers to its subject where that stands under a tag. Whether there
 * was one.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests}
 */
export async function deleteManifest(
  client: RemoteClient,
  repository: string,
  digest: Digest,
): Promise<boolean> {
  const subject = await subjectOf(client, repository, digest);
  // First: a list that has too little hides something for a moment, one that has too much can't be written any more.
  if (subject !== undefined) {
    await unlistReferrer(client, repository, subject, digest, storeManifest);
  }
  return await deleteReference(client, repository, digest);
}

/** Undefined also for what can't be read: it can be deleted all the same. */
async function subjectOf(
  client: RemoteClient,
  repository: string,
  digest: Digest,
): Promise<Digest | undefined> {
  try {
    return (await findManifest(client, repository, digest))?.manifest.subject?.digest;
  } catch (error) {
    if (error instanceof HiveError && error.kind === "failed") return undefined;
    throw error;
  }
}
