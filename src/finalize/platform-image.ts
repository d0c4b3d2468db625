import { HiveError } from "../base/hive-error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseImageConfig } from "../oci/image-config.ts";
import { isIndexType } from "../oci/media-types.ts";
import { formatPlatform, parsePlatform, type Platform } from "../oci/platform.ts";
import type { RemoteRegistry } from "../remote/open-registry.ts";

/**
 * The image for `platform` that a tag of a registry stands for; undefined when there is no such tag. Some tools push an
 * index with only that image, and perhaps attestations, under the tag: then it is the image in it.
 * @throws HiveError "failed" when it is an index without one image for the platform
 */
export async function findPlatformImage(
  registry: RemoteRegistry,
  repository: string,
  tag: string,
  platform: Platform,
): Promise<Descriptor | undefined> {
  const found = await registry.headManifest(repository, tag);
  if (found === undefined || !isIndexType(found.mediaType)) return found && { ...found, platform };
  const { manifest } = await registry.manifest(repository, found.digest);
  const wanted = formatPlatform(platform);
  const listed = manifest.kind === "index" ? manifest.manifests : [];
  const images = listed.filter((one) => one.platform && normal(one.platform) === wanted);
  const [image] = images;
  if (image === undefined || images.length > 1) {
    throw new HiveError(
      "failed",
      `${repository}:${tag} on ${registry.host} is an index with ${images.length} images for ${wanted}`,
      { hint: "Push the image of that platform alone under this tag." },
    );
  }
  const { mediaType, digest, size } = image;
  return { mediaType, digest, size, platform };
}

/**
 * Checks that an image is for the platform that its tag says.
 * @throws HiveError "failed" when its configuration says another one
 */
export async function checkPlatform(
  registry: RemoteRegistry,
  repository: string,
  tag: string,
  { digest, platform }: Descriptor,
): Promise<void> {
  const { manifest } = await registry.manifest(repository, digest);
  if (manifest.kind !== "image" || platform === undefined) return;
  const config = parseImageConfig(await registry.blob(repository, manifest.config));
  const [os = "", architecture = "", variant] = config.platform.split("/");
  const said = normal({ os, architecture, ...(variant === undefined ? {} : { variant }) });
  if (said === formatPlatform(platform)) return;
  throw new HiveError(
    "failed",
    `${repository}:${tag} on ${registry.host} is an image for ${said}, not for ${formatPlatform(platform)}`,
    { hint: "Something else was pushed under this tag: push the image of that platform." },
  );
}

/** As the project writes it: other tools spell out what is implied. */
function normal(platform: Platform): string {
  return formatPlatform(parsePlatform(formatPlatform(platform)));
}
