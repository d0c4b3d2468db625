import { HiveError } from "../base/hive-error.ts";
import { mapLimited } from "../base/map-limited.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { createImageIndex } from "../oci/image-index.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import { platformTag } from "../plan/platform-tag.ts";
import { withBuildId } from "../plan/with-build-id.ts";
import type { RemoteRegistry } from "../remote/open-registry.ts";
import { buildCommand, listSome } from "./build-command.ts";
import type { Finalized } from "./finalized.ts";
import { checkPlatform, findPlatformImage } from "./platform-image.ts";
import type { WantedReference } from "./wanted-references.ts";

export type RegistryOptions = {
  /** The patterns that selected what is wanted, to say what to build. */
  readonly select: readonly string[];
  /** What stands before the names of the project's images: `team`, or nothing. */
  readonly prefix: string;
  readonly buildId: string | undefined;
  /** Whether images and indexes have Docker's media types, not OCI's. */
  readonly dockerMediaTypes: boolean;
  /** Only says what would be done. */
  readonly dryRun: boolean;
};

/** An image at the registry, under the tag of its platform. */
type Found = { readonly tag: string; readonly image: Descriptor };

type Whole = WantedReference & { readonly at: string; readonly found: readonly Found[] };

/** Requests at a time: what registries take of one client without a word. */
const parallel = 8;

/**
 * Puts references together from what the jobs of single platforms pushed: `base:1.0` from `base:1.0.linux-amd64` and
 * `base:1.0.linux-arm64`, then its aliases. All are looked at before anything is written. What is there already costs a
 * question, so that a run that broke off can be repeated.
 * @throws HiveError "failed" with what is missing and how to build it, or what does not fit together
 */
export async function finalizeRegistry(
  registry: RemoteRegistry,
  wanted: readonly WantedReference[],
  options: RegistryOptions,
): Promise<Finalized[]> {
  const whole = await findImages(registry, wanted, options);
  checkMediaTypes(registry.host, whole, options.dockerMediaTypes);
  const finalized = await mapLimited(whole, parallel, (reference) =>
    finalizeReference(registry, reference, options),
  );
  return finalized.flat();
}

async function findImages(
  registry: RemoteRegistry,
  wanted: readonly WantedReference[],
  options: RegistryOptions,
): Promise<Whole[]> {
  const { prefix, buildId } = options;
  const missing: { reference: string; platform: Platform; name: string }[] = [];
  const whole = await mapLimited(wanted, parallel, async (reference): Promise<Whole> => {
    const at = prefix === "" ? reference.repository : `${prefix}/${reference.repository}`;
    const found: Found[] = [];
    for (const platform of reference.platforms) {
      const tag = platformTag(reference.tag, platform, buildId);
      const image = await findPlatformImage(registry, at, tag, platform);
      if (image !== undefined) found.push({ tag, image });
      else missing.push({ reference: reference.reference, platform, name: `${at}:${tag}` });
    }
    return { ...reference, at, found };
  });
  if (missing.length === 0) return whole;
  const names = missing.map(({ name }) => name).toSorted();
  throw new HiveError(
    "failed",
    `Cannot finalize: ${registry.host} does not have ${listSome(names)}`,
    {
      hint: `Nothing was written. Push what \`${buildCommand(missing, wanted, options)}\` builds under these names first.`,
    },
  );
}

function checkMediaTypes(host: string, whole: readonly Whole[], docker: boolean): void {
  const wanted = docker ? mediaTypes.dockerManifest : mediaTypes.ociManifest;
  for (const { at, found } of whole) {
    const other = found.find(({ image }) => image.mediaType !== wanted);
    if (other === undefined) continue;
    const [is, should] = docker ? ["OCI", "Docker"] : ["Docker", "OCI"];
    throw new HiveError(
      "failed",
      `Cannot finalize: ${at}:${other.tag} on ${host} has ${is} media types, and ${should} ones are asked for`,
      {
        hint: `Set registry.docker_media_types to ${String(!docker)} in hive.yml, or push the images with ${should} media types.`,
      },
    );
  }
}

async function finalizeReference(
  registry: RemoteRegistry,
  { at, tag, listed, aliases, found }: Whole,
  { buildId, dockerMediaTypes, dryRun }: RegistryOptions,
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
