import { mapLimited } from "../../base/map-limited.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { manifestContent } from "../../oci/manifest.ts";
import { isAnyManifestType, isIndexType } from "../../oci/media-types.ts";
import type { RemoteManifest } from "../../remote/manifests.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { TagGraph } from "./plan-removals.ts";
import { subjectKey } from "./subject-key.ts";

/** What a repository has, as far as retention wants to know. */
export type ReadRepository = {
  readonly graph: TagGraph;
  readonly manifests: ReadonlyMap<Digest, RemoteManifest>;
  /** Of images, not of what is attached to them. */
  readonly referrers: ReadonlyMap<Digest, readonly Descriptor[]>;
  /** When a tag became what it is, milliseconds since 1970, where the registry tells. */
  readonly modified: ReadonlyMap<string, number>;
};

/** Requests at a time. */
const parallel = 8;

/** Reads the tags of a repository, and every manifest that they lead to but those of single platforms. @throws HiveError */
export async function readRepository(
  registry: RemoteRegistry,
  repository: string,
): Promise<ReadRepository> {
  const tags = new Map<string, Digest>();
  const modified = new Map<string, number>();
  const names = await Array.fromAsync(registry.tags(repository, "empty"));
  await mapLimited(names, parallel, async (tag) => {
    const status = await registry.statManifest(repository, tag);
    if (status === undefined) return;
    tags.set(tag, status.descriptor.digest);
    if (status.modified !== undefined) modified.set(tag, status.modified);
  });
  const manifests = await readManifests(registry, repository, new Set(tags.values()));
  const referrers = new Map<Digest, readonly Descriptor[]>();
  const images = [...tags].flatMap(([tag, digest]) =>
    subjectKey(tag) === undefined && manifests.has(digest) ? [digest] : [],
  );
  await mapLimited([...new Set(images)], parallel, async (digest) => {
    referrers.set(digest, await registry.referrers(repository, digest));
  });
  const graph = {
    // As the registry lists them.
    tags: new Map(names.flatMap((tag) => entryOf(tags, tag))),
    needs: new Map([...manifests].map(([digest, found]) => [digest, needsOf(found)])),
    referrers: new Map([...referrers].map(([digest, list]) => [digest, digestsOf(list)])),
  };
  return { graph, manifests, referrers, modified };
}

/** Manifests and, through indexes, the indexes that they list. What is missing is left out. */
async function readManifests(
  registry: RemoteRegistry,
  repository: string,
  roots: ReadonlySet<Digest>,
): Promise<Map<Digest, RemoteManifest>> {
  const found = new Map<Digest, RemoteManifest>();
  const seen = new Set(roots);
  for (let level = [...roots]; level.length > 0;) {
    const next: Digest[] = [];
    await mapLimited(level, parallel, async (digest) => {
      const manifest = await registry.findManifest(repository, digest);
      if (manifest === undefined) return;
      found.set(digest, manifest);
      for (const child of manifestContent(manifest.manifest)) {
        if (!isIndexType(child.mediaType) || seen.has(child.digest)) continue;
        seen.add(child.digest);
        next.push(child.digest);
      }
    });
    level = next;
  }
  return found;
}

function needsOf({ manifest }: RemoteManifest): readonly Digest[] {
  const listed = manifestContent(manifest).filter(({ mediaType }) => isAnyManifestType(mediaType));
  return digestsOf([...listed, ...(manifest.subject === undefined ? [] : [manifest.subject])]);
}

function digestsOf(descriptors: readonly Pick<Descriptor, "digest">[]): readonly Digest[] {
  return descriptors.map(({ digest }) => digest);
}

function entryOf(tags: ReadonlyMap<string, Digest>, tag: string): [string, Digest][] {
  const digest = tags.get(tag);
  return digest === undefined ? [] : [[tag, digest]];
}
