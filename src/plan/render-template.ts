import type { Diagnostic } from "../base/diagnostic.ts";
import { diagnosticAt } from "../base/source-text.ts";
import type { Platform } from "../oci/platform.ts";
import type { Project, ProjectFile } from "../project/project.ts";
import type { Unit } from "./expand-units.ts";
import type { RenderedFile } from "./rendered-file.ts";

export type TemplateOptions = {
  /** What `now` is in templates. */
  readonly now: (unit: Unit) => Date;
  /** Takes errors. */
  readonly report: (finding: Diagnostic) => void;
  readonly warn: (unit: Unit, finding: Diagnostic) => void;
};

/** Renders a template for a target; undefined after an error. */
type RenderTemplateFile = (
  file: ProjectFile,
  unit: Unit,
  platform: Platform,
) => RenderedFile | undefined;

/** Renders a project's templates. */
export function createTemplates(
  _project: Project,
  { report }: TemplateOptions,
): RenderTemplateFile {
  return ({ source }) => {
    const message = `Cannot render "${source.file}": templates are not supported yet in this version`;
    report(diagnosticAt(source, [0, 1], { code: "HV2100", severity: "error", message }));
    return undefined;
  };
}
