import { mapLimited } from "../base/map-limited.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { createImageIndex } from "../oci/image-index.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { formatPlatform } from "../oci/platform.ts";
import { withBuildId } from "../plan/with-build-id.ts";
import type { RemoteRegistry } from "../remote/open-registry.ts";
import type { Finalized } from "./finalized.ts";
import { checkPlatform } from "./platform-image.ts";
import type { WantedReference } from "./wanted-references.ts";

/** A reference of which the image of every platform is at the registry. */
export type WholeReference = Pick<WantedReference, "tag" | "listed" | "aliases"> & {
  /** The repository there: `team/base`. */
  readonly at: string;
  /** The images, each with its platform, and the tags that they have. */
  readonly found: readonly { readonly tag: string; readonly image: Descriptor }[];
};

export type NamingOptions = {
  readonly buildId: string | undefined;
  /** Whether images and indexes have Docker's media types, not OCI's. */
  readonly dockerMediaTypes: boolean;
  /** Only says what would be done. */
  readonly dryRun: boolean;
};

/** Requests at a time: what registries take of one client without a word. */
export const parallel = 8;

/**
 * Names a reference and its aliases at a registry. What is named so already costs a question.
 * @throws HiveError "failed" when an image is for another platform than its tag says
 */
export async function finalizeReference(
  registry: RemoteRegistry,
  { at, tag, listed, aliases, found }: WholeReference,
  { buildId, dockerMediaTypes, dryRun }: NamingOptions,
): Promise<Finalized[]> {
  const images = found.map(({ image }) => image);
  const [only] = images;
  // One platform is its image itself, as in the store.
  const index =
    only !== undefined && listed.length < 2
      ? { descriptor: only, bytes: undefined }
      : createImageIndex(images, dockerMediaTypes ? mediaTypes.dockerList : mediaTypes.ociIndex);
  const { digest, mediaType } = index.descriptor;
  const own = withBuildId(tag, buildId);
  const tags = [own, ...aliases.map((alias) => withBuildId(alias, buildId))];
  const current = await mapLimited(
    tags,
    parallel,
    async (name) => (await registry.headManifest(at, name))?.digest,
  );
  const changed = tags.filter((_, position) => current[position] !== digest);
  if (changed.length > 0 && !dryRun) {
    for (const { tag: name, image } of found) await checkPlatform(registry, at, name, image);
    const bytes = index.bytes ?? (await registry.manifest(at, digest)).bytes;
    // One after the other, the reference first: an alias never stands for what its reference does not.
    for (const name of changed) await registry.putManifest(at, name, { mediaType, bytes });
  }
  return tags.map((name) => ({
    name: `${registry.host}/${at}:${name}`,
    digest,
    ...(name === own ? {} : { of: `${registry.host}/${at}:${own}` }),
    platforms: images.flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : [])),
    changed: changed.includes(name),
  }));
}
