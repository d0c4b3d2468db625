import type { Digest } from "../../../oci/digest.ts";
import type { GarbageRun } from "./garbage-run.ts";

/** Blobs of a repository that no manifest of it needs, and that nobody counts on. */
export async function unneededLinks(
  { metadata, pause, signal, goneManifests, isExpired }: GarbageRun,
  repository: string,
): Promise<readonly Digest[]> {
  const needed = new Set<Digest>();
  for (const { digest, content } of metadata.manifests(repository)) {
    await pause.ifDue(signal);
    if (goneManifests.has(`${repository}@${digest}`)) continue;
    for (const part of content) needed.add(part);
  }
  const unneeded: Digest[] = [];
  for (const digest of metadata.blobs(repository)) {
    await pause.ifDue(signal);
    if (!needed.has(digest) && isExpired(digest)) unneeded.push(digest);
  }
  return unneeded;
}
