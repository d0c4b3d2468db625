import { HiveError } from "../../base/hive-error.ts";
import type { Digest } from "../../oci/digest.ts";
import { isImageConfigType, parseImageConfig } from "../../oci/image-config.ts";
import { readBlob } from "../../oci/blob-store.ts";
import { formatPlatform, parsePlatform, type Platform } from "../../oci/platform.ts";
import { readManifest } from "../../oci/resolve-image.ts";
import { within } from "../../oci/within.ts";
import { withBuildId } from "../../plan/with-build-id.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import { machineName, type TagFacts, tagsOf, type TagStrategy } from "../tag-strategies.ts";
import type { ImageTransfer } from "../transfer/image-transfer.ts";
import { type LayoutDirectory, layoutSource } from "../transfer/layout-source.ts";
import type { StoredReference } from "./name-stored.ts";

type TaggedPushOptions = {
  readonly layout: LayoutDirectory;
  readonly destination: RemoteRegistry;
  /** What stands before the names of the images: `team`, or nothing. */
  readonly prefix: string;
  readonly buildId: string | undefined;
  /** Tags as they are, before those of strategies. */
  readonly tags: readonly string[];
  readonly strategies: readonly TagStrategy[];
  readonly facts: TagFacts;
};

/** A configuration is small; what is bigger is none. */
const configLimit = 8 * 1024 * 1024;

/**
 * What a push of images brings to a registry under tags that strategies make.
 * @throws HiveError "usage" where two images of one name would get the same tag; as `tagsOf`
 */
export async function planTaggedPush(
  images: readonly StoredReference[],
  options: TaggedPushOptions,
): Promise<ImageTransfer[]> {
  const { layout, destination, prefix, buildId, strategies, facts } = options;
  const source = layoutSource(layout);
  const owners = new Map<string, Part>();
  const transfers = new Map<string, ImageTransfer>();
  for (const image of images) {
    const { repository } = image;
    const at = within(prefix, repository);
    const own = [...new Set([...options.tags, ...tagsOf(image, strategies, facts)])];
    const machines = strategies.includes("arch") ? await machinesOf(layout, image, own) : [];
    for (const { digest, tags } of [{ digest: image.descriptor.digest, tags: own }, ...machines]) {
      const named = tags.map((tag) => withBuildId(tag, buildId));
      for (const tag of named) claim(owners, `${at}:${tag}`, { image, digest });
      // An alias stands for the same image as its reference.
      const key = `${at} ${digest}`;
      const all = new Set([...(transfers.get(key)?.to.tags ?? []), ...named]);
      if (all.size === 0) continue;
      transfers.set(key, {
        source,
        from: { repository, reference: digest, name: image.reference },
        destination,
        to: { repository: at, tags: [...all] },
        referrers: true,
      });
    }
  }
  return [...transfers.values()];
}

/** An image, or what of it is for one platform. */
type Part = { readonly image: StoredReference; readonly digest: Digest };

/** The images of single platforms under every tag with the machine behind it. */
async function machinesOf(
  layout: LayoutDirectory,
  image: StoredReference,
  tags: readonly string[],
): Promise<{ readonly digest: Digest; readonly tags: readonly string[] }[]> {
  const platforms = await platformsOf(layout, image);
  return platforms.map(({ digest, platform }) => ({
    digest,
    tags: (tags.length === 0 ? [image.tag] : tags).map((tag) => `${tag}-${machineName(platform)}`),
  }));
}

/** A tag is of one image: which one it were would be chance. */
function claim(owners: Map<string, Part>, name: string, part: Part): void {
  const owner = owners.get(name) ?? part;
  owners.set(name, owner);
  if (owner.digest === part.digest) return;
  throw new HiveError(
    "usage",
    `Cannot push ${owner.image.reference} and ${part.image.reference}: both would be ${name}`,
    { hint: "Name one of them, or use a --strategy that tells them apart, as version." },
  );
}

/** The images of an index by their platforms, or the one image with its own. */
async function platformsOf(
  { blobs }: LayoutDirectory,
  { descriptor, reference }: StoredReference,
): Promise<readonly { readonly digest: Digest; readonly platform: Platform }[]> {
  const manifest = await readManifest(blobs, descriptor);
  if (manifest.kind === "index") {
    return manifest.manifests.flatMap(({ digest, platform }) =>
      platform === undefined || platform.os === "unknown"
        ? []
        : [{ digest, platform: parsePlatform(formatPlatform(platform)) }],
    );
  }
  const { config } = manifest;
  const bytes = isImageConfigType(config.mediaType)
    ? await readBlob(blobs, config.digest, configLimit)
    : undefined;
  const platform = bytes === undefined ? "unknown" : parseImageConfig(bytes).platform;
  if (!platform.startsWith("unknown")) {
    return [{ digest: descriptor.digest, platform: parsePlatform(platform) }];
  }
  throw new HiveError("usage", `Cannot tag ${reference} by its machine: it does not say which`, {
    hint: "Leave out the strategy arch.",
  });
}
