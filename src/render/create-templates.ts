import { didYouMean } from "../base/closest.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { createSourceText, diagnosticAt } from "../base/source-text.ts";
import { hivePrefix } from "../dockerfile/rewrite-hive-references.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import type { Project, ProjectFile, Settings } from "../project/project.ts";
import { fixed, type TemplateFunction } from "../template/function.ts";
import type { Rendered } from "../template/output.ts";
import { parseTemplate } from "../template/parse-template.ts";
import { renderTemplate } from "../template/render-template.ts";
import type { TemplateRoot } from "../template/template-data.ts";
import { TemplateError, templateCodes } from "../template/template-error.ts";
import type { Template } from "../template/template.ts";
import { asksPlatform } from "./asks-platform.ts";
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

/** Renders a project's templates: each is parsed once, and rendered once for a unit unless it asks for the platform. */
export function createTemplates(project: Project, options: TemplateOptions): RenderTemplateFile {
  const { now, report, warn } = options;
  const functions = { resolve_base: resolveBase(project) };
  const known = new Map<ProjectFile, Parsed>();
  let left = stepsOfProject;
  return (file, unit, platform) => {
    const parsed = known.get(file) ?? parse(file, report);
    known.set(file, parsed);
    const { template, rendered, perPlatform } = parsed;
    if (template === undefined) return undefined;
    const key = perPlatform ? `${unit.reference} ${formatPlatform(platform)}` : unit.reference;
    if (rendered.has(key)) return rendered.get(key);
    const give = (finding: Diagnostic): void => {
      if (finding.code === templateCodes.limit) parsed.template = undefined;
      report(finding);
    };
    const result = orReported(give, () => {
      if (left < 0) throw tooMuch(file);
      const output = renderTemplate(template, rootFor(unit, platform), {
        now: now(unit),
        functions,
        allowImpure: project.impureTemplates,
        warn: (finding) => warn(unit, finding),
        onSpent: (steps) => void (left -= steps),
      });
      left -= output.text.length / charactersOfProjectStep;
      const source = createSourceText(file.source.file, output.text);
      return { file, source, originOf: originFinder(file.source.text, output) };
    });
    rendered.set(key, result);
    return result;
  };
}

/** Of all templates together, for nobody can stop hive while it renders: some ten seconds. */
const stepsOfProject = 50_000_000;
/** What was rendered is kept: so many characters cost a step of those. */
const charactersOfProjectStep = 4;

function tooMuch({ source }: ProjectFile): TemplateError {
  const message = `the templates of the project take more than ${stepsOfProject} steps together, or make too much text`;
  return new TemplateError([
    diagnosticAt(source, [0, 1], { code: templateCodes.limit, severity: "error", message }),
  ]);
}

type Parsed = {
  /** Undefined when it can't be parsed, or has no end: then one attempt is enough. */
  template: Template | undefined;
  readonly rendered: Map<string, RenderedFile | undefined>;
  readonly perPlatform: boolean;
};

function parse(file: ProjectFile, report: TemplateOptions["report"]): Parsed {
  const template = orReported(report, () => parseTemplate(file.source));
  const perPlatform = template !== undefined && asksPlatform(template);
  return { template, rendered: new Map(), perPlatform };
}

function orReported<T>(report: TemplateOptions["report"], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    for (const finding of error.diagnostics) report(finding);
    return undefined;
  }
}

function rootFor({ image, values, tag, variant = "" }: Unit, platform: Platform): TemplateRoot {
  return {
    Versions: textsOf(values.versions),
    BuildArgs: textsOf(values.buildArgs),
    ImageName: image.name,
    Tag: tag,
    Variant: variant,
    Platform: formatPlatform(platform),
  };
}

function textsOf(settings: Settings): Map<string, string> {
  return new Map([...settings].map(([name, { value }]) => [name, value]));
}

// Whether there is such a tag is seen where the reference stands; a name alone may end up elsewhere.
function resolveBase({ images }: Project): TemplateFunction {
  const names = new Set(images.map(({ name }) => name));
  return fixed(["string", "string"], ([name, tag]) => {
    if (names.has(name)) return `${hivePrefix}${name}:${tag}`;
    const near = didYouMean(name, names);
    throw new Error(`the project has no image "${name}"${near === undefined ? "" : `, ${near}`}`);
  });
}

/** Finds what a range of rendered text comes from: what an action printed comes from the whole action. */
function originFinder(template: string, output: Rendered): NonNullable<RenderedFile["originOf"]> {
  const characterAt = (offset: number): readonly [number, number] => {
    const origin = output.originAt(offset);
    const open = template.lastIndexOf("{{", origin + 1);
    const close = template.indexOf("}}", Math.max(0, open));
    const isPrinted = open !== -1 && close !== -1 && origin < close + 2;
    return isPrinted ? [open, close + 2] : [origin, origin + 1];
  };
  return ([start, end]) => [characterAt(start)[0], characterAt(Math.max(start, end - 1))[1]];
}
