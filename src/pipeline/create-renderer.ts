import { didYouMean } from "../base/closest.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { HiveError } from "../base/hive-error.ts";
import { shellWord } from "../base/shell-word.ts";
import type { SourceText } from "../base/source-text.ts";
import { fixed, type TemplateFunction, variadic } from "../template/function.ts";
import { parseTemplate } from "../template/parse-template.ts";
import { renderStruct } from "../template/render-template.ts";
import { importRoot, type TemplateRoot } from "../template/template-data.ts";
import { TemplateError } from "../template/template-error.ts";
import type { Template } from "../template/template.ts";
import type { Value } from "../template/value.ts";
import type { TemplateOptions } from "./template-options.ts";
import { yamlScalar } from "./yaml-scalar.ts";

export type PipelineTemplates = {
  /** By the names that `include` takes. */
  readonly sources: ReadonlyMap<string, SourceText>;
  readonly root: TemplateRoot;
  readonly options: TemplateOptions;
  /** What `now` is. */
  readonly now: Date;
  readonly allowImpure: boolean;
  readonly warn: (finding: Diagnostic) => void;
};

export type PipelineRenderer = {
  /** Renders one of the sources. @throws HiveError "usage" with every finding */
  readonly render: (name: string) => string;
  /** Names of the sources that were rendered, included ones too. */
  readonly used: ReadonlySet<string>;
  /** Keys that `option` was asked for. */
  readonly read: ReadonlySet<string>;
};

/** Templates may include each other so deep; none of ours goes below three. */
const deepestInclude = 20;

/** Of all templates together, for nobody can stop hive while it renders: some seconds. */
const mostSteps = 20_000_000;

/**
 * Renders templates of pipelines, with these functions besides Go's and sprig's: `option KEY [DEFAULT]`, `yaml VALUE`,
 * `shell TEXT`, `expression TEXT` (GitHub's `${{ }}`), `include NAME [JOB]`.
 */
export function createRenderer(templates: PipelineTemplates): PipelineRenderer {
  const { sources, options, now, allowImpure, warn } = templates;
  const parsed = new Map<string, Template>();
  const used = new Set<string>();
  const read = new Set<string>();
  let depth = 0;
  let left = mostSteps;

  const { fields } = importRoot(templates.root);
  const renderOne = (name: string, job: Value): string => {
    const source = sources.get(name);
    if (source === undefined) {
      const near = didYouMean(name, sources.keys());
      throw new Error(`there is no template "${name}"${near === undefined ? "" : `, ${near}`}`);
    }
    if (depth >= deepestInclude) throw new Error(`"${name}" includes itself, or too many others`);
    if (left < 0) throw new Error(`the templates take more than ${mostSteps} steps together`);
    used.add(name);
    const template = parsed.get(name) ?? parseTemplate(source);
    parsed.set(name, template);
    depth++;
    try {
      const onSpent = (steps: number): void => void (left -= steps);
      const dot = { kind: "struct", fields: new Map([...fields, ["Job", job]]) } as const;
      return renderStruct(template, dot, { now, functions, allowImpure, warn, onSpent }).text;
    } finally {
      depth--;
    }
  };
  const functions: Readonly<Record<string, TemplateFunction>> = {
    option: variadic(["string"], "string", ([key], [fallback = ""]) => {
      read.add(key);
      return options.read(key) ?? fallback;
    }),
    yaml: fixed(["string"], ([text]) => yamlScalar(text)),
    shell: fixed(["string"], ([text]) => shellWord(text)),
    expression: fixed(["string"], ([text]) => `\${{ ${text} }}`),
    include: variadic(["string"], "any", ([name], [job = null]) =>
      // A file ends with a line break, which would stand in the middle of another one.
      renderOne(name, job).replace(/\n$/, ""),
    ),
  };
  return {
    used,
    read,
    render: (name) => {
      try {
        return renderOne(name, null);
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        throw new HiveError("usage", `Cannot render the template "${name}"`, {
          diagnostics: error.diagnostics,
        });
      }
    },
  };
}
