import { platformSlug, type Platform } from "../oci/platform.ts";
import { withBuildId } from "./with-build-id.ts";

/** The tag that the image of one platform has at a registry: `1.0.linux-arm64-build.mr-42`. */
export function platformTag(tag: string, platform: Platform, buildId: string | undefined): string {
  return withBuildId(`${tag}.${platformSlug(platform)}`, buildId);
}
