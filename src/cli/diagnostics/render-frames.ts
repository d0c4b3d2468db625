import type { Diagnostic } from "../../base/diagnostic.ts";
import { createPainter, type Painter } from "../../base/painter.ts";
import { renderDiagnostic } from "../../base/render-diagnostic.ts";

/** More are no help: the first ones say what to do, and the rest may follow from them. */
const most = 50;

/** Findings as frames, each with an empty line behind it; of very many only some, errors before warnings. */
export function renderFrames(
  findings: readonly Diagnostic[],
  painter: Painter = createPainter(false),
): string {
  const kept = new Set(findings.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, most));
  const frames = findings
    .filter((finding) => kept.has(finding))
    .map((finding) => `${renderDiagnostic(finding, painter)}\n\n`);
  const left = findings.length - kept.size;
  if (left > 0) frames.push(`and ${left} more\n\n`);
  return frames.join("");
}

function rankOf({ severity }: Diagnostic): number {
  return severity === "error" ? 0 : 1;
}
