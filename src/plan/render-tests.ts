import type { Diagnostic } from "../base/diagnostic.ts";
import type { Project } from "../project/project.ts";
import { createRenderer } from "../render/create-renderer.ts";
import { expandUnits, type Unit } from "../render/expand-units.ts";
import type { RenderedFile } from "../render/rendered-file.ts";
import type { Target, TargetId } from "./plan.ts";
import { throwFindings } from "./throw-findings.ts";

/**
 * The structure tests of targets that have some, rendered. A finding in one is told in the user's file with `writtenFinding()`.
 * @throws HiveError usage with every template that can't be rendered.
 */
export function renderTests(
  project: Project,
  targets: readonly Target[],
): Map<TargetId, RenderedFile> {
  const findings: Diagnostic[] = [];
  const report = (finding: Diagnostic): void => void findings.push(finding);
  const epochs = new Map(targets.map(({ reference, epoch = 0 }) => [reference, epoch]));
  const now = ({ reference }: Unit): Date => new Date((epochs.get(reference) ?? 0) * 1000);
  const renderer = createRenderer(project, { now, report, warn: () => {} });
  const units = new Map(expandUnits(project, []).map((unit) => [unit.reference, unit]));
  const tests = new Map<TargetId, RenderedFile>();
  for (const { id, reference, platform } of targets) {
    const unit = units.get(reference);
    const test = unit && renderer.test(unit, platform);
    if (test !== undefined) tests.set(id, test);
  }
  throwFindings(project, findings);
  return tests;
}
