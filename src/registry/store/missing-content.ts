import type { Digest } from "../../oci/digest.ts";
import type { MetadataStore } from "./metadata-store.ts";

// So many are named, the others are counted.
const named = 5;

/**
 * Says what repositories should have and `stored` does not; undefined when nothing is missing. Only that is not served:
 * pushed again, it is whole.
 */
export function describeMissing(
  metadata: MetadataStore,
  stored: ReadonlySet<Digest>,
): string | undefined {
  const missing: string[] = [];
  let count = 0;
  const check = (repository: string, kind: string, digest: Digest): void => {
    if (stored.has(digest)) return;
    count++;
    if (missing.length < named) missing.push(`${kind} ${repository}@${digest}`);
  };
  for (const repository of metadata.allRepositories()) {
    for (const { digest } of metadata.manifests(repository)) check(repository, "manifest", digest);
    for (const digest of metadata.blobs(repository)) check(repository, "blob", digest);
  }
  if (count === 0) return undefined;
  const more = count > missing.length ? `, and ${count - missing.length} more` : "";
  return (
    `${count} files of the store are missing: ${missing.join(", ")}${more}. ` +
    "Everything else is served; push again what is missing."
  );
}
