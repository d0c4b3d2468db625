import { printable } from "../../base/printable.ts";
import type { InputChange } from "../../inputs/compare-inputs.ts";
import type { TargetStatus } from "../../inputs/target-status.ts";
import type { Target } from "../../plan/plan.ts";
import type { App } from "../app.ts";
import { defineCommand } from "../define-command.ts";
import { planProject } from "../project/plan-project.ts";
import { printJson } from "../print-json.ts";
import { printTargets } from "../print-targets.ts";
import { projectStatuses } from "../project/project-statuses.ts";
import { quickBases } from "../quick-bases.ts";
import { describeChange } from "../render-status.ts";
import { statusFlags } from "../status-flags.ts";

export const explainCommand = defineCommand({
  args: statusFlags,
  async run(app, args) {
    const plan = await planProject(app, args);
    const statuses = await projectStatuses(plan, quickBases(app));
    const requested = plan.targets.filter((target) => target.requested);
    if (args.json === true) {
      const shown = new Map<string, TargetStatus>();
      for (const { id } of requested) collect(id, statuses, shown);
      const targets = [...shown].map(([id, { status, key, built, changes, reasons }]) => ({
        id,
        status,
        key,
        built,
        changes,
        reasons,
      }));
      printJson(app.stdout, targets);
    } else print(app, requested, { statuses, all: args._.length === 0 });
    const isDone = requested.every(({ id }) => statuses.get(id)?.status === "unchanged");
    return args["exit-code"] === true && !isDone ? 3 : 0;
  },
});

type Statuses = ReadonlyMap<string, TargetStatus>;

/** A target, and what it builds on that changed. */
function collect(id: string, statuses: Statuses, shown: Map<string, TargetStatus>): void {
  const status = statuses.get(id);
  if (status === undefined || shown.has(id)) return;
  shown.set(id, status);
  for (const parent of parentsIn(status.changes)) collect(parent, statuses, shown);
}

/**
 * What there is to say of each, once for all platforms of which it is the same. What is unchanged is counted, unless it
 * was asked for by name.
 */
function print(
  app: App,
  targets: readonly Target[],
  { statuses, all }: { readonly statuses: Statuses; readonly all: boolean },
): void {
  const isUnchanged = ({ id }: Target): boolean => statuses.get(id)?.status === "unchanged";
  const told = all ? targets.filter((target) => !isUnchanged(target)) : targets;
  printTargets(
    app,
    told.map((target) => ({
      target,
      shown: [headlineOf(statuses.get(target.id)), ...linesOf(target, statuses)],
    })),
  );
  const left = targets.length - told.length;
  if (left > 0) app.stdout.write(`${left} of ${targets.length} unchanged\n`);
}

function linesOf({ id, platform }: Target, statuses: Statuses): string[] {
  const seen = new Set<string>();
  const linesBelow = (target: string): string[] => {
    const status = statuses.get(target);
    if (status === undefined) return [];
    if (seen.has(target)) return ["as above"];
    seen.add(target);
    const changes = status.changes.flatMap((change) => [
      ...describeChange(change, platform),
      ...parentsIn([change]).flatMap((parent) => linesBelow(parent).map((line) => `  ${line}`)),
    ]);
    return [...status.reasons.map(printable), ...changes];
  };
  const lines = linesBelow(id);
  return statuses.get(id)?.status === "new" ? lines.slice(1) : lines;
}

function headlineOf(status: TargetStatus | undefined): string {
  if (status === undefined) return "";
  if (status.status === "new") return status.reasons[0] ?? "";
  const what = status.status === "unknown" ? "BuildKit decides" : status.status;
  if (status.built === undefined) return what;
  return `${what} since ${new Date(status.built).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Parents that must be built first: theirs are the reasons then. */
function parentsIn(changes: readonly InputChange[]): string[] {
  return changes.flatMap((change) =>
    change.kind === "parent" && change.to === undefined ? [change.name] : [],
  );
}
