import type { Digest } from "../../oci/digest.ts";
import type { ContentReader } from "./content-reader.ts";

const imageLimit = 200;

/** Layers of the other tagged images of a repository, as far as one page can look. */
export async function layersOfOthers(
  reader: ContentReader,
  repository: string,
  own: Digest,
): Promise<ReadonlySet<Digest>> {
  const { metadata } = reader.store;
  const roots = (metadata.tags(repository) ?? []).flatMap(
    (tag) => metadata.findTag(repository, tag)?.digest ?? [],
  );
  const layers = new Set<Digest>();
  const seen = new Set<Digest>([own]);
  // Children of indexes are added while it goes; one that is tagged twice is looked at once.
  const pending = [...new Set(roots)];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    if (seen.size > imageLimit) break;
    seen.add(next);
    const content = await reader.manifest(repository, next);
    if ("problem" in content) continue;
    const manifest = content.value;
    if (manifest.kind === "image") for (const { digest } of manifest.layers) layers.add(digest);
    else pending.push(...manifest.manifests.slice(0, imageLimit).map(({ digest }) => digest));
  }
  return layers;
}
