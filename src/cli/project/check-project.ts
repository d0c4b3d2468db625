import type { Diagnostic } from "../../base/diagnostic.ts";
import { HiveError } from "../../base/hive-error.ts";
import { sortDiagnostics } from "../../base/sort-diagnostics.ts";
import { lineOfPlace } from "../../base/source-text.ts";
import { createPlan } from "../../plan/create-plan.ts";
import type { Plan, Target, TargetSecret } from "../../plan/plan.ts";
import { renderTests } from "../../plan/render-tests.ts";
import { findProject } from "../../project/find-project.ts";
import { loadProject } from "../../project/load-project.ts";
import type { Project } from "../../project/project.ts";
import { readTest } from "../../project/read-test.ts";
import { writtenFinding } from "../../render/rendered-file.ts";
import { checkSecret } from "../../secrets/check-secret.ts";
import type { App } from "../app.ts";
import { checkContexts } from "./check-contexts.ts";
import { loadOptions, type ProjectFlags } from "./open-project.ts";
import { hostPlatform, type Selection, planOptions } from "./plan-project.ts";

/** What there is to say of a project before anything is built. */
export type ProjectCheck = {
  /** Sorted by place. */
  readonly findings: readonly Diagnostic[];
  /** Absent when it can't be planned. */
  readonly plan?: Plan;
};

/**
 * Checks what can be checked without a daemon: all files, templates and references of the project, and of the selected
 * targets the structure tests, what lies in their contexts, and whether their secrets can be had.
 * @throws HiveError what is not in the project's files: a selection of nothing, no project
 */
export async function checkProject(
  app: App,
  flags: ProjectFlags & Selection,
): Promise<ProjectCheck> {
  const findings: Diagnostic[] = [];
  const plan = await gathered(findings, async () => {
    const { project, plan: made } = await planOf(app, flags, findings);
    const targets = made.targets.filter(({ requested }) => requested);
    await gathered(findings, async () => checkTests(project, targets, flags, findings));
    findings.push(...(await checkContexts(project.root, targets)));
    await checkSecrets(app, project, made, findings);
    return made;
  });
  return { findings: sortDiagnostics(findings), ...(plan === undefined ? {} : { plan }) };
}

async function planOf(app: App, flags: ProjectFlags & Selection, findings: Diagnostic[]) {
  const root = await findProject(app.cwd, flags.project);
  const { project, warnings } = await loadProject(root, loadOptions(app, flags));
  findings.push(...warnings);
  const plan = createPlan(project, await planOptions(app, project, flags, hostPlatform()));
  findings.push(...plan.warnings);
  return { project, plan };
}

/** What an error says of places is a finding like any other. @throws one that says nothing of any place */
async function gathered<Value>(
  findings: Diagnostic[],
  action: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof HiveError) || error.diagnostics.length === 0) throw error;
    findings.push(...error.diagnostics);
    return undefined;
  }
}

async function checkTests(
  project: Project,
  targets: readonly Target[],
  { lenient = false }: ProjectFlags,
  findings: Diagnostic[],
): Promise<void> {
  for (const rendered of renderTests(project, targets).values()) {
    // One that is no template was read with the project.
    if (!rendered.file.isTemplate) continue;
    const report = (finding: Diagnostic): void =>
      void findings.push(writtenFinding(rendered, finding));
    await readTest(rendered.source, report, { lenient });
  }
}

async function checkSecrets(
  { env }: App,
  { sources }: Project,
  { targets }: Plan,
  findings: Diagnostic[],
): Promise<void> {
  const places = new Map<string, TargetSecret>();
  for (const secret of targets.flatMap(({ secrets }) => secrets)) {
    places.set(JSON.stringify([secret.id, secret.place]), secret);
  }
  for (const secret of places.values()) {
    const error = await checkSecret(secret, env);
    if (error === undefined) continue;
    const { place } = secret;
    findings.push({
      code: "HV6001",
      severity: "error",
      // The place stands in the frame.
      message: error.message.replace(` (${place.file}:${place.line}:${place.column})`, ""),
      place,
      lineText: lineOfPlace(sources, place),
      help: error.hint,
    });
  }
}
