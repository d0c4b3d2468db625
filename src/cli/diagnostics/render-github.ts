import type { Diagnostic } from "../../base/diagnostic.ts";
import { printable } from "../../base/printable.ts";
import { plainText } from "./plain-text.ts";

/** Findings as workflow commands of GitHub Actions, one a line, which become annotations of the files. */
export function renderGithub(findings: readonly Diagnostic[]): string {
  return findings.map((finding) => `${commandOf(finding)}\n`).join("");
}

function commandOf(finding: Diagnostic): string {
  const { file, line, column, length = 1 } = finding.place;
  const properties = {
    file,
    line,
    endLine: line,
    col: column,
    endColumn: column + length,
    title: finding.code,
  };
  const written = Object.entries(properties).map(
    ([name, value]) => `${name}=${escapeProperty(String(value))}`,
  );
  return `::${finding.severity} ${written.join(",")}::${escapeData(plainText(finding))}`;
}

// The runner's own escapes; a line break would begin another command.
function escapeData(text: string): string {
  const lines = text.split(/\r?\n/).map(printable);
  return lines.join("\n").replaceAll("%", "%25").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
