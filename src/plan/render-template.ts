import type { Platform } from "../oci/platform.ts";
import type { Project, ProjectFile } from "../project/project.ts";
import type { Unit } from "./expand-units.ts";
import type { RenderOptions } from "./render-files.ts";
import type { RenderedFile } from "./rendered-file.ts";

type RenderTemplate = (
  file: ProjectFile,
  unit: Unit,
  platform: Platform,
) => RenderedFile | undefined;

export function createTemplates(_project: Project, _options: RenderOptions): RenderTemplate {
  return () => undefined;
}
