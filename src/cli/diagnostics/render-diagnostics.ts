import type { Diagnostic } from "../../base/diagnostic.ts";
import { indentedJson } from "../../base/json-line.ts";
import type { Painter } from "../../base/painter.ts";
import { renderCodeQuality } from "./render-code-quality.ts";
import { renderFrames } from "./render-frames.ts";
import { renderGithub } from "./render-github.ts";
import { renderSarif } from "./render-sarif.ts";

/** How findings can be told: to people, to programs, and to what shows them beside the code. */
export const diagnosticFormats = ["text", "json", "github", "gitlab-codequality", "sarif"] as const;

export type DiagnosticFormat = (typeof diagnosticFormats)[number];

/**
 * Findings in a format, ready to be written. Text is for people and leaves out what is too much; the others have every
 * finding. `painter` is for text.
 */
export function renderDiagnostics(
  format: DiagnosticFormat,
  findings: readonly Diagnostic[],
  painter?: Painter,
): string {
  switch (format) {
    case "text":
      return renderFrames(findings, painter);
    case "json":
      return indentedJson(findings);
    case "github":
      return renderGithub(findings);
    case "gitlab-codequality":
      return renderCodeQuality(findings);
    case "sarif":
      return renderSarif(findings);
  }
}
