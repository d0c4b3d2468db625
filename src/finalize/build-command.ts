import { shellWord } from "../base/shell-word.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import type { WantedReference } from "./wanted-references.ts";

/** An image that is not there. */
export type MissingImage = { readonly reference: string; readonly platform: Platform };

type CommandOptions = {
  /** The patterns that selected what is wanted. */
  readonly select: readonly string[];
  readonly buildId: string | undefined;
};

// A list of more is no help: what is there already is not built again anyway.
const listed = 8;

/** What builds the images that are missing: `hive build base:1.0 --platform=linux/arm64`, `hive build` where it is all. */
export function buildCommand(
  missing: readonly MissingImage[],
  wanted: readonly WantedReference[],
  { select, buildId }: CommandOptions,
): string {
  const references = [...new Set(missing.map(({ reference }) => reference))];
  const isAll = references.length === wanted.length || references.length > listed;
  const platforms = [...new Set(missing.map(({ platform }) => formatPlatform(platform)))];
  const there = wanted.filter(({ reference }) => isAll || references.includes(reference));
  const hasOthers = there.some(({ platforms: those }) =>
    those.some((platform) => !platforms.includes(formatPlatform(platform))),
  );
  return [
    "hive build",
    ...(isAll ? select : references).map(shellWord),
    ...(hasOthers ? [`--platform=${platforms.join(",")}`] : []),
    ...(buildId === undefined ? [] : [`--build-id=${buildId}`]),
  ].join(" ");
}

/** `a, b and c`; of more than eight the first ones, and how many more there are. */
export function listSome(names: readonly string[]): string {
  const shown = names.slice(0, listed);
  const more = names.length - shown.length;
  const last = more > 0 ? `${more} more` : shown.pop();
  return shown.length === 0 ? (last ?? "") : `${shown.join(", ")} and ${last}`;
}
