import type { MetadataStore } from "../registry/store/metadata-store.ts";

/** How much a registry has of everything. */
type ContentCounts = {
  readonly repositories: number;
  readonly manifests: number;
  readonly tags: number;
};

/** Counts by going through everything that there is. */
export function countContent(metadata: MetadataStore): ContentCounts {
  let repositories = 0;
  let manifests = 0;
  let tags = 0;
  for (const name of metadata.repositories()) {
    repositories += 1;
    tags += metadata.tags(name)?.length ?? 0;
    for (const _ of metadata.manifests(name)) manifests += 1;
  }
  return { repositories, manifests, tags };
}
