import { compareVersions, type VersionTag } from "./version-tag.ts";

/** A tag, of an image or of a variant of it, with the version that it stands for. */
export type Versioned = {
  /** The final tag. */
  readonly tag: string;
  readonly version: VersionTag;
};

/** The tag with the highest version; of two that are the same, the same one in whatever order they come. */
export function highestVersion(candidates: readonly Versioned[]): string | undefined {
  const [highest] = candidates.toSorted(
    (a, b) => compareVersions(b.version, a.version) || (a.tag < b.tag ? -1 : 1),
  );
  return highest?.tag;
}
