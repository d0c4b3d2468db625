import type { Diagnostic } from "../base/diagnostic.ts";
import { HiveError } from "../base/hive-error.ts";
import { sortDiagnostics } from "../base/sort-diagnostics.ts";
import type { Project } from "../project/project.ts";

/** @throws HiveError usage with all findings, if there are any. */
export function throwFindings({ root }: Project, findings: readonly Diagnostic[]): void {
  const sorted = sortDiagnostics(findings);
  if (sorted.length === 0) return;
  const count = sorted.length === 1 ? "an error" : `${sorted.length} errors`;
  throw new HiveError("usage", `Cannot plan the project in "${root}": it has ${count}`, {
    diagnostics: sorted,
  });
}
