import { createSourceText } from "../base/source-text.ts";
import { hivePrefix } from "../dockerfile/rewrite-hive-references.ts";
import type { Platform } from "../oci/platform.ts";
import type { Project, ProjectFile } from "../project/project.ts";
import type { Unit } from "./expand-units.ts";
import { createTemplates, type TemplateOptions } from "./create-templates.ts";
import { asWritten, replaceWord, type RenderedFile } from "./rendered-file.ts";

/** What a Dockerfile of a variant has where the image without it is meant. */
export const parentWord = "__hive_parent__";

/** The files of a target that hive itself reads or makes. */
export type RenderedFiles = {
  readonly dockerfile: RenderedFile;
  /** Present when there is a template for it. */
  readonly readme?: RenderedFile;
};

type Renderer = {
  readonly build: (unit: Unit, platform: Platform) => RenderedFiles;
  /** `test.yml`, if the unit has one. */
  readonly test: (unit: Unit, platform: Platform) => RenderedFile | undefined;
};

// For what could not be rendered: nothing is found in it that is only a consequence.
const standIn = createSourceText("Dockerfile", "FROM scratch\n");

/** Renders a project's files, each template once for all targets that it is the same for. */
export function createRenderer(project: Project, options: TemplateOptions): Renderer {
  const templates = createTemplates(project, options);
  const render = (file: ProjectFile, unit: Unit, platform: Platform): RenderedFile => {
    if (!file.isTemplate) return asWritten(file);
    return templates(file, unit, platform) ?? { file, source: standIn };
  };
  return {
    build: (unit, platform) => {
      const dockerfile = render(unit.files.dockerfile, unit, platform);
      const readme = unit.files.readme ?? unit.image.files.readme;
      return {
        dockerfile: unit.variant === undefined ? dockerfile : withParent(dockerfile, unit),
        ...(readme === undefined ? {} : { readme: render(readme, unit, platform) }),
      };
    },
    test: (unit, platform) =>
      unit.files.test === undefined ? undefined : render(unit.files.test, unit, platform),
  };
}

function withParent(dockerfile: RenderedFile, { image, baseTag }: Unit): RenderedFile {
  return replaceWord(dockerfile, parentWord, `${hivePrefix}${image.name}:${baseTag}`);
}

/** Those that differ from what lies in the image's directory, by their path in the build context. */
export function contextFiles({ dockerfile, readme }: RenderedFiles): Record<string, string> {
  const isMade = dockerfile.file.isTemplate || dockerfile.originOf !== undefined;
  return {
    ...(isMade ? { Dockerfile: dockerfile.source.text } : {}),
    ...(readme === undefined ? {} : { "README.md": readme.source.text }),
  };
}
