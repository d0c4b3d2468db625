import { HiveError } from "../base/hive-error.ts";
import { formatPlatform } from "../oci/platform.ts";
import { buildCommand, listSome, type MissingImage } from "./build-command.ts";
import type { WantedReference } from "./wanted-references.ts";

type NotBuiltOptions = {
  /** What can't be done without: `finalize`. */
  readonly action: string;
  /** The patterns that selected what is wanted, to say what to build. */
  readonly select: readonly string[];
  readonly buildId: string | undefined;
};

/** Names images that are not in the store, and what builds them. */
export function notBuilt(
  missing: readonly MissingImage[],
  wanted: readonly WantedReference[],
  options: NotBuiltOptions,
): HiveError {
  const groups = [...Map.groupBy(missing, ({ reference }) => reference)];
  const names = groups.map(([reference, those]) => {
    const all = wanted.find((candidate) => candidate.reference === reference)?.platforms.length;
    const platforms = those.map(({ platform }) => formatPlatform(platform)).join(" and ");
    return those.length === all ? reference : `${reference} for ${platforms}`;
  });
  const were = names.length === 1 ? "was" : "were";
  return new HiveError("failed", `Cannot ${options.action}: ${listSome(names)} ${were} not built`, {
    hint: `Run \`${buildCommand(missing, wanted, options)}\` first.`,
  });
}
