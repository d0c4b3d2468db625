import type { Diagnostic } from "../../../src/base/diagnostic.ts";
import { createSourceText } from "../../../src/base/source-text.ts";
import { fixed } from "../../../src/template/function.ts";
import type { Rendered } from "../../../src/template/output.ts";
import { parseTemplate } from "../../../src/template/parse-template.ts";
import { renderTemplate, type RenderOptions } from "../../../src/template/render-template.ts";
import type { TemplateRoot } from "../../../src/template/template-data.ts";
import { TemplateError } from "../../../src/template/template-error.ts";

const root: TemplateRoot = {
  Versions: { node: "22.1.0", python: "3.13" },
  BuildArgs: { A: "b" },
  ImageName: "app",
  Tag: "1.2.3",
  Variant: "",
  Platform: "linux/amd64",
};

const resolveBase = fixed(["string", "string"], ([name, tag]) => `__hive__/${name}:${tag}`);

export const options: RenderOptions = {
  now: new Date("2024-05-06T07:08:09.123Z"),
  functions: { resolve_base: resolveBase },
  warn: () => undefined,
};

/** Renders a template named "t" and collects its warnings. */
export function render(
  text: string,
  others: Partial<RenderOptions> = {},
  data: TemplateRoot = root,
): Rendered & { readonly warnings: readonly Diagnostic[] } {
  const warnings: Diagnostic[] = [];
  const template = parseTemplate(createSourceText("t", text));
  const rendered = renderTemplate(template, data, {
    ...options,
    warn: (warning) => void warnings.push(warning),
    ...others,
  });
  return { ...rendered, warnings };
}

/** The findings of a template that fails, the first one's place as "line:column" before its message. */
export function failure(text: string, others: Partial<RenderOptions> = {}): readonly Diagnostic[] {
  try {
    render(text, others);
  } catch (error) {
    if (error instanceof TemplateError) return error.diagnostics;
    throw error;
  }
  throw new Error(`rendered: ${text}`);
}

export function shown({ place, code, message }: Diagnostic): string {
  return `${place.line}:${place.column} ${code} ${message}`;
}
