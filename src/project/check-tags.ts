import type { Diagnostic, Place } from "../base/diagnostic.ts";
import { lineOfPlace, type SourceText } from "../base/source-text.ts";
import { isTag } from "../oci/reference.ts";
import type { ImageDefinition } from "./project.ts";

/**
 * Reports final tags (tag and suffix) that are there twice in the pool of a name, or are no tags.
 */
export function checkTags(
  images: readonly ImageDefinition[],
  sources: ReadonlyMap<string, SourceText>,
  report: (finding: Diagnostic) => void,
): void {
  const lineAt = (place: Place): string | undefined => lineOfPlace(sources, place);
  const first = new Map<string, Place>();
  for (const { name, tag, place, made } of images.flatMap((image) => finalTags(image))) {
    const reference = `${name}:${tag}`;
    const before = first.get(reference);
    if (made && !isTag(tag)) {
      const message = `Cannot use "${tag}" as a tag: tag and suffix make it too long, or have other characters`;
      report({ code: "HV1010", severity: "error", message, place, lineText: lineAt(place) });
    }
    if (before === undefined) {
      first.set(reference, place);
      continue;
    }
    report({
      code: "HV1012",
      severity: "error",
      message: `Duplicate tag "${tag}" of image "${name}"`,
      place,
      lineText: lineAt(place),
      related: [{ place: before, message: "first here", lineText: lineAt(before) }],
    });
  }
}

type FinalTag = {
  readonly name: string;
  readonly tag: string;
  readonly place: Place;
  /** Whether a suffix is part of it: the tag alone was checked where it stands. */
  readonly made: boolean;
};

function finalTags({ name, tags, variants }: ImageDefinition): FinalTag[] {
  return tags.flatMap((tag) => [
    { name, tag: tag.name, place: tag.place, made: false },
    ...variants.map((variant) => ({
      name,
      tag: `${tag.name}${variant.tagSuffix}`,
      place: variant.place,
      made: variant.tagSuffix !== "",
    })),
  ]);
}
