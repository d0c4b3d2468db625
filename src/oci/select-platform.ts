import { HiveError } from "../base/hive-error.ts";
import type { ImageLayout } from "./layout.ts";
import { formatPlatform, type Platform } from "./platform.ts";
import { readManifest, resolveImage } from "./resolve-image.ts";

/**
 * The name of the one image for `platform` in the image or index that `name` stands for: its digest.
 * Without a platform, `name` itself.
 * @throws HiveError when there is none for it.
 */
export async function selectPlatform(
  layout: ImageLayout,
  name: string,
  platform: Platform | undefined,
): Promise<string> {
  if (platform === undefined) return name;
  const image = await resolveImage(layout, name);
  const manifest = await readManifest(layout.blobs, image);
  const candidates = manifest.kind === "index" ? manifest.manifests : [image];
  const wanted = formatPlatform(platform);
  const platforms = candidates.map(({ platform: one }) => (one ? formatPlatform(one) : "unknown"));
  const found = candidates[platforms.indexOf(wanted)];
  if (found !== undefined) return found.digest;
  throw new HiveError("usage", `Cannot find ${wanted} in "${name}"`, {
    hint: `It has ${platforms.join(", ")}.`,
  });
}
