import type { Descriptor } from "./descriptor.ts";
import { formatPlatform, parsePlatform } from "./platform.ts";

/** A platform spelt in one way: makers of images write arm64 with and without its only variant. What is none stays as it is. */
export function normalPlatform(text: string): string {
  try {
    return formatPlatform(parsePlatform(text));
  } catch {
    return text;
  }
}

/** What a manifest of an index is for, spelt so; `unknown` where that is not said. */
export function describedPlatform({ platform }: Pick<Descriptor, "platform">): string {
  return platform === undefined ? "unknown" : normalPlatform(formatPlatform(platform));
}
