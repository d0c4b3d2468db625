import type { ArgsDef } from "citty";
import { formatPlatform } from "../../oci/platform.ts";
import { listOf } from "../arguments.ts";
import { readPlatform } from "../read-platform.ts";

/** What of an image goes along from one registry to another. */
export const copyFlags = {
  platform: {
    type: "string",
    valueHint: "platform,...",
    description: "Only these platforms, in an index of their own (default: all, byte for byte)",
  },
  referrers: {
    type: "boolean",
    description: "Also what refers to the image: signatures, SBOMs, reports",
  },
} as const satisfies ArgsDef;

/** The value of --platform, for a transfer. @throws HiveError "usage" */
export function platformsOf(flag: string | undefined): { readonly platforms?: readonly string[] } {
  const platforms = listOf(flag).map((text) => formatPlatform(readPlatform(text)));
  return platforms.length === 0 ? {} : { platforms };
}
