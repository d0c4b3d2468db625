import { HiveError } from "../base/hive-error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { type ImageConfig, isImageConfigType, parseImageConfig } from "../oci/image-config.ts";
import { type ImageManifest, imageSize } from "../oci/manifest.ts";
import { describedPlatform, normalPlatform } from "../oci/normal-platform.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import type { RemoteManifest } from "./manifests.ts";
import type { RemoteRegistry } from "./open-registry.ts";

/** What a registry has under a name. */
export type Inspection = {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes of the manifest. */
  readonly size: number;
  readonly artifactType?: string;
  readonly subject?: Digest;
  readonly annotations: Readonly<Record<string, string>>;
  /** Of an index. */
  readonly platforms?: readonly PlatformImage[];
  /** Of an image, or of an index that has only one. */
  readonly image?: InspectedImage;
  readonly referrers: readonly Content[];
};

type Content = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
};

type PlatformImage = Content & { readonly platform: string };

export type InspectedImage = {
  readonly digest: Digest;
  /** Bytes to transfer: manifest, configuration and layers. */
  readonly size: number;
  readonly layers: readonly Content[];
  /** Absent for artifacts, which have none. */
  readonly config?: ImageConfig;
};

/**
 * The manifest for `platform` of what a name stands for; without a platform what it stands for itself.
 * @throws HiveError "usage" when there is none for the platform.
 */
export async function manifestFor(
  registry: RemoteRegistry,
  repository: string,
  reference: string,
  platform: Platform | undefined,
): Promise<RemoteManifest> {
  const found = await registry.manifest(repository, reference);
  if (platform === undefined) return found;
  const wanted = formatPlatform(platform);
  const none = (hint: string): HiveError =>
    new HiveError("usage", `There is no ${wanted} of ${repository} ${reference}`, { hint });
  if (found.manifest.kind === "image") {
    const config = (await imageOf(registry, repository, found))?.config;
    if (config === undefined || normalPlatform(config.platform) === wanted) return found;
    throw none(`It is a single image, for ${config.platform}.`);
  }
  const child = found.manifest.manifests.find((one) => describedPlatform(one) === wanted);
  if (child !== undefined) return await registry.manifest(repository, child.digest);
  const known = found.manifest.manifests.map(describedPlatform).join(", ");
  throw none(known === "" ? "The index is empty." : `It has ${known}.`);
}

/** Everything about a manifest that is worth knowing. @throws HiveError */
export async function inspectImage(
  registry: RemoteRegistry,
  repository: string,
  found: RemoteManifest,
): Promise<Inspection> {
  const { descriptor, manifest } = found;
  const image = await imageOf(registry, repository, found);
  const referrers = await registry.referrers(repository, descriptor.digest);
  return {
    ...content(descriptor),
    ...(manifest.artifactType === undefined ? {} : { artifactType: manifest.artifactType }),
    ...(manifest.subject === undefined ? {} : { subject: manifest.subject.digest }),
    annotations: manifest.annotations ?? {},
    ...(manifest.kind === "image"
      ? {}
      : {
          platforms: manifest.manifests.map((one) => ({
            platform: describedPlatform(one),
            ...content(one),
          })),
        }),
    ...(image === undefined ? {} : { image }),
    referrers: referrers.map(content),
  };
}

async function imageOf(
  registry: RemoteRegistry,
  repository: string,
  { descriptor, manifest }: RemoteManifest,
): Promise<InspectedImage | undefined> {
  if (manifest.kind === "image") {
    return await inspectManifest(registry, repository, descriptor, manifest);
  }
  // What is there besides, as attestations of BuildKit, is of an unknown platform.
  const images = manifest.manifests.filter((one) => !describedPlatform(one).startsWith("unknown"));
  const [only, ...others] = images;
  if (only === undefined || others.length > 0) return undefined;
  const child = await registry.findManifest(repository, only.digest);
  return child?.manifest.kind === "image"
    ? await inspectManifest(registry, repository, child.descriptor, child.manifest)
    : undefined;
}

async function inspectManifest(
  registry: RemoteRegistry,
  repository: string,
  { digest, size }: Descriptor,
  manifest: ImageManifest,
): Promise<InspectedImage> {
  const layers = manifest.layers.map(content);
  const image = { digest, size: imageSize(manifest, size), layers };
  if (!isImageConfigType(manifest.config.mediaType)) return image;
  return { ...image, config: readConfig(await registry.blob(repository, manifest.config)) };
}

function readConfig(bytes: Uint8Array): ImageConfig {
  try {
    return parseImageConfig(bytes);
  } catch (cause) {
    throw new HiveError("failed", "The configuration of the image is no JSON object", {
      hint: "The image is damaged: push it again.",
      cause,
    });
  }
}

function content({ digest, mediaType, size, artifactType, annotations }: Descriptor): Content {
  return {
    digest,
    mediaType,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
