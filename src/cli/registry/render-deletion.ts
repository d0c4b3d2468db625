import { isDigest } from "../../oci/digest.ts";
import type { Deletion } from "../../remote/plan-deletion.ts";
import { writtenReference } from "../../remote/written-reference.ts";

/** One deletion as a sentence: names and digests in it are checked, so they are safe to print. */
export function renderDeletion(
  { repository, reference, digest, manifest, tags, neededBy }: Deletion,
  dryRun: boolean,
): string {
  const verb = `${dryRun ? "Would delete" : "Deleted"} ${writtenReference(repository, reference)}`;
  if (isDigest(reference)) {
    return tags.length === 0 ? verb : `${verb} with ${written(repository, tags)}`;
  }
  if (manifest === "deleted") return `${verb} and its manifest ${digest}`;
  const reason = neededBy.length === 0 ? "" : ` for ${written(repository, neededBy)}`;
  return `${verb}; its manifest ${digest} stays${reason}`;
}

function written(repository: string, tags: readonly string[]): string {
  return tags.map((tag) => `${repository}:${tag}`).join(", ");
}
