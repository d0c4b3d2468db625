import { createHash } from "node:crypto";
import type { Diagnostic } from "../../base/diagnostic.ts";
import { indentedJson } from "../../base/json-line.ts";
import { plainText } from "./plain-text.ts";

/** Findings as a code quality report of GitLab: a JSON array. */
export function renderCodeQuality(findings: readonly Diagnostic[]): string {
  const seen = new Map<string, number>();
  const issues = findings.map((finding) => {
    const { code, severity, message, place, lineText = "" } = finding;
    // Without the line's number: a finding that moves is the same. Equal ones are told apart by their order.
    const key = JSON.stringify([code, message, place.file, lineText.trim()]);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return {
      description: plainText(finding),
      check_name: code,
      fingerprint: createHash("sha256").update(`${key} ${before}`).digest("hex"),
      severity: severity === "error" ? "major" : "minor",
      location: { path: place.file, lines: { begin: place.line } },
    };
  });
  return indentedJson(issues);
}
