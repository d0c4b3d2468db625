import { hivePrefix } from "../dockerfile/rewrite-hive-references.ts";
import type { Unit } from "./expand-units.ts";
import { asWritten, replaceWord, type RenderedFile } from "./rendered-file.ts";

/** What a Dockerfile of a variant has where the image without it is meant. */
export const parentWord = "__hive_parent__";

/** The files of a target that hive itself reads or makes. */
export type RenderedFiles = {
  readonly dockerfile: RenderedFile;
  readonly readme?: RenderedFile;
};

export function renderFiles(unit: Unit): RenderedFiles {
  const dockerfile = asWritten(unit.files.dockerfile);
  return {
    dockerfile:
      unit.variant === undefined
        ? dockerfile
        : replaceWord(dockerfile, parentWord, `${hivePrefix}${unit.image.name}:${unit.baseTag}`),
  };
}

/** Those that differ from what lies in the image's directory, by their path in the build context. */
export function contextFiles({ dockerfile, readme }: RenderedFiles): Record<string, string> {
  const isMade = dockerfile.file.isTemplate || dockerfile.originAt !== undefined;
  return {
    ...(isMade ? { Dockerfile: dockerfile.source.text } : {}),
    ...(readme === undefined ? {} : { "README.md": readme.source.text }),
  };
}
