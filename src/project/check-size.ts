import type { Diagnostic } from "../base/diagnostic.ts";
import { lineOfPlace, type SourceText } from "../base/source-text.ts";
import type { ImageDefinition } from "./project.ts";

/** A hundred times what anybody has; a file of a megabyte could ask for many millions. */
const mostTargets = 100_000;

/**
 * Reports images that tags, variants and platforms make too many of, so that planning has an end.
 * @param platforms how many there are where an image lists none
 * @returns whether all is well
 */
export function checkSize(
  images: readonly ImageDefinition[],
  platforms: number,
  options: {
    readonly sources: ReadonlyMap<string, SourceText>;
    readonly report: (finding: Diagnostic) => void;
  },
): boolean {
  let count = 0;
  for (const image of images) {
    const { tags, variants, place } = image;
    const most = [image, ...tags, ...variants].reduce(
      (found, level) => Math.max(found, level.platforms?.length ?? 0),
      Math.max(1, platforms),
    );
    count += tags.length * (1 + variants.length) * most;
    if (count <= mostTargets) continue;
    options.report({
      code: "HV1026",
      severity: "error",
      message: `Cannot build more than ${mostTargets} images in one project: tags, variants and platforms make ${count} up to here`,
      place,
      lineText: lineOfPlace(options.sources, place),
      help: "list fewer, or make several projects",
    });
    return false;
  }
  return true;
}
